// refused: the modulus has 2048, 3072 or 4096 bits
// Release code cannot name a scheme below 2048 bits.
#include <veilsum/paillier/scheme.hpp>

#ifdef VEILSUM_MISUSE
using scheme = veilsum::paillier::scheme<1024>;
#else
using scheme = veilsum::paillier::scheme<2048>;
#endif

int main() {
    return scheme::degree == 1 ? 0 : 1;
}
