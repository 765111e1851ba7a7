// refused: (use of deleted function|call to (implicitly-)?deleted (copy )?constructor)
// There is one of each private key.
#include <veilsum/paillier/private_key.hpp>

#include <utility>

using key = veilsum::paillier::private_key<veilsum::paillier::scheme<2048>>;

int main() {}

key take(key& mine) {
#ifdef VEILSUM_MISUSE
    return mine;
#else
    return std::move(mine);
#endif
}
