// refused: no matching function for call to
// Ciphertexts of different sizes are different types: no operation takes both.
#include <veilsum/paillier/operations.hpp>

using namespace veilsum::paillier;
using one = scheme<2048>;
#ifdef VEILSUM_MISUSE
using other = scheme<3072>;
#else
using other = scheme<2048>;
#endif

bool sums(const public_key<one>& key, const ciphertext_vector<one>& a, const ciphertext_vector<other>& b) {
    return add(key, a, b).has_value();
}

int main() {}
