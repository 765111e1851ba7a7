// refused: (use of deleted function|call to (implicitly-)?deleted (copy )?constructor)
// There is one of each signing key.
#include <veilsum/random/system_random.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <utility>

int main() {
    veilsum::random::system_random rng;
    auto key = veilsum::sign::signing_key::generate(rng);
#ifdef VEILSUM_MISUSE
    const auto other = key;
#else
    const auto other = std::move(key);
#endif
    return other.verifying().bytes()[0];
}
