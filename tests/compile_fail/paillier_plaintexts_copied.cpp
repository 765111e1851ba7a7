// refused: (use of deleted function|call to implicitly-deleted copy constructor)
// Plaintexts are secret: they are moved, never copied.
#include <veilsum/paillier/plaintext_vector.hpp>

#include <utility>

using veilsum::paillier::plaintext_vector;

int main() {
    plaintext_vector one(std::vector<veilsum::integer::bigint>(1));
#ifdef VEILSUM_MISUSE
    const plaintext_vector two = one;
#else
    const plaintext_vector two = std::move(one);
#endif
    return two.size() == 1 ? 0 : 1;
}
