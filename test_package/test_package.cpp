// Whether the installed package works: two clients encrypt and prove, the ciphertexts are added, two of three
// trustees open the sum, every proof is verified, and one that is bound to something else is refused. Prints
// one line; ends with 1 and the place if anything is not as it should be. Real primes of 1024 bits, found
// anew: a second or so.
#include <veilsum/veilsum.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

namespace paillier = veilsum::paillier;
namespace threshold = veilsum::threshold;
namespace zk = veilsum::zk;

namespace {

using scheme = paillier::scheme<2048>;
using knowledge = zk::plaintext_knowledge<scheme>;

veilsum::transcript::transcript context_of(std::string_view who) {
    veilsum::transcript::transcript made("test_package/1");
    made.absorb("who", veilsum::as_bytes(who));
    return made;
}

veilsum::error wrong(const char* place) {
    return veilsum::error{veilsum::errc::mismatch, place};
}

// One client: ciphertexts of its values with a proof that it knows them, verified as the aggregator does.
veilsum::result<paillier::ciphertext_vector<scheme>> contribute(const paillier::public_key<scheme>& key,
                                                                const paillier::encryptor<scheme>& encryptor,
                                                                const paillier::plaintext_vector& values,
                                                                std::string_view name,
                                                                veilsum::random::system_random& rng) {
    auto made = encryptor.encrypt(values, rng);
    if (!made) return made.error();
    const auto statement = knowledge::statement::create(key, made->ciphertexts);
    if (!statement) return statement.error();
    const auto proof =
        knowledge::prove(context_of(name), *statement, {encryptor, values, made->exponents}, rng);
    if (!proof) return proof.error();
    const auto received = knowledge::proof::parse(*statement, proof->serialize(*statement));
    if (!received) return received.error();
    if (auto valid = knowledge::verify(context_of(name), *statement, *received); !valid) return valid.error();
    if (knowledge::verify(context_of("somebody else"), *statement, *received))
        return wrong("a proof was accepted under another name");
    return std::move(made->ciphertexts);
}

veilsum::result<void> run() {
    veilsum::random::system_random rng;
    auto primes = paillier::generate_primes<scheme, true>(rng);
    if (!primes) return primes.error();
    const auto key = paillier::make_public_key<scheme>(*primes, rng);
    if (!key) return key.error();
    const auto trustees = threshold::structure::create(2, 3);
    if (!trustees) return trustees.error();
    auto dealt = threshold::deal(*std::move(primes), *key, *trustees, rng);
    if (!dealt) return dealt.error();

    const paillier::encryptor<scheme> encryptor(*key);
    const auto one = contribute(*key, encryptor, paillier::plaintext_vector({5, -7, 1000}), "one", rng);
    const auto two = contribute(*key, encryptor, paillier::plaintext_vector({10, 20, -3000}), "two", rng);
    if (!one) return one.error();
    if (!two) return two.error();
    const auto sum = paillier::add(*key, *one, *two);
    if (!sum) return sum.error();

    std::vector<threshold::verified_partial<scheme>> opened;
    for (const std::size_t trustee : {0u, 2u}) {
        const auto partial = threshold::partially_decrypt(*key, dealt->verification, dealt->shares[trustee],
                                                          *sum, context_of("opening"), rng);
        if (!partial) return partial.error();
        if (threshold::verify_partial(*key, dealt->verification, *one, *partial, context_of("opening")))
            return wrong("a partial decryption was accepted for other ciphertexts");
        auto verified =
            threshold::verify_partial(*key, dealt->verification, *sum, *partial, context_of("opening"));
        if (!verified) return verified.error();
        opened.push_back(*std::move(verified));
    }
    const auto values = threshold::combine<scheme>(*key, *trustees, opened);
    if (!values) return values.error();
    const std::array<std::int64_t, 3> expected{15, 13, -2000};
    if (values->size() != expected.size()) return wrong("number of opened values");
    for (std::size_t i = 0; i < expected.size(); ++i)
        if ((*values)[i] != veilsum::integer::bigint(expected[i])) return wrong("opened sum");
    return {};
}

} // namespace

int main() {
    const auto done = run();
    if (!done) {
        std::fprintf(stderr, "test_package: %s\n", done.error().describe().c_str());
        return 1;
    }
    std::puts("veilsum: encrypted, proved, added, opened by 2 of 3 and verified: 15 13 -2000");
}
