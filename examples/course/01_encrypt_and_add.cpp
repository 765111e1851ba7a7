// Lesson 1: encrypt and add. Whoever adds the ciphertexts needs the public key only and sees neither the
// numbers nor their sum; the owner of the private key decrypts the sum.
//
// No trustees and no proofs: this is the arithmetic only. README.md shows the function below.
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/paillier/operations.hpp>
#include <veilsum/random/system_random.hpp>

#include <cstdio>

namespace paillier = veilsum::paillier;

namespace {

veilsum::result<paillier::plaintext_vector> encrypted_sum() {
    using scheme = paillier::scheme<3072>;
    veilsum::random::system_random rng;
    const auto keys = paillier::generate_key<scheme>(rng);
    if (!keys) return keys.error();

    const paillier::encryptor<scheme> encrypt_for(keys->public_half);
    const auto one = encrypt_for.encrypt(paillier::plaintext_vector({5, -7}), rng);
    const auto two = encrypt_for.encrypt(paillier::plaintext_vector({10, 20}), rng);
    if (!one || !two) return veilsum::error{veilsum::errc::overflow, "value"};

    const auto sum = paillier::add(keys->public_half, one->ciphertexts, two->ciphertexts);
    if (!sum) return sum.error();
    return keys->private_half.decrypt(*sum); // 15, 13
}

} // namespace

int main() {
    const auto sum = encrypted_sum();
    if (!sum) {
        std::fprintf(stderr, "%s\n", sum.error().describe().c_str());
        return 1;
    }
    for (const auto& value : sum->expose()) std::printf("%s\n", value.to_decimal().c_str());
}
