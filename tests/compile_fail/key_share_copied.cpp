// refused: (use of deleted function|call to (implicitly-)?deleted (copy )?constructor)
// There is one of each key share.
#include <veilsum/threshold/key_share.hpp>

#include <utility>

using share = veilsum::threshold::key_share<veilsum::paillier::scheme<2048>>;

int main() {}

share take(share& mine) {
#ifdef VEILSUM_MISUSE
    return mine;
#else
    return std::move(mine);
#endif
}
