// refused: (constraints not satisfied|no matching function|constraint failure)
// The generators of <random> are no source of keys: their output can be predicted.
#include <veilsum/random/system_random.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <random>

int main() {
#ifdef VEILSUM_MISUSE
    std::mt19937_64 rng(1);
#else
    veilsum::random::system_random rng;
#endif
    const auto key = veilsum::sign::signing_key::generate(rng);
    return key.verifying().bytes()[0];
}
