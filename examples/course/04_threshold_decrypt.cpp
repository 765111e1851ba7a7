// Lesson 4: a key that nobody holds. Three trustees have a share each, any two of them decrypt, each proves
// that its answer is right, and a wrong answer is refused with the name of who gave it.
#include "course.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/threshold/combine.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>

namespace paillier = veilsum::paillier;
namespace threshold = veilsum::threshold;
using course::must;
using course::refusal;
using course::scheme;

int main() {
    veilsum::random::system_random rng;
    // The ceremony finds the primes, deals the shares and forgets the primes: it is trusted with that, once.
    const auto who = must(threshold::structure::create(2, 3));
    const auto dealt = must(veilsum::aggregation::deal_ceremony<scheme>(who, rng));
    const auto& key = dealt.ceremony.key;
    const auto& verification = dealt.ceremony.verification;
    must(dealt.ceremony.check());
    std::printf("ceremony     accepted: the key is well formed, %u trustees hold shares of it\n",
                who.trustees());

    const paillier::encryptor<scheme> encrypt_for(key);
    const auto question = must(encrypt_for.encrypt(paillier::plaintext_vector({41, -7}), rng)).ciphertexts;
    const auto another = must(encrypt_for.encrypt(paillier::plaintext_vector({41, -7}), rng)).ciphertexts;

    // What the proofs are bound to: another question of another protocol is another context.
    veilsum::transcript::transcript context("course.example/1");
    context.absorb_u64("question", 1);

    // Trustee 2 answers another question than it was asked.
    std::vector<threshold::verified_partial<scheme>> verified;
    for (const auto& trustee : dealt.trustees) {
        const std::string name = threshold::name_of(trustee.share.index());
        const auto& asked = name == "trustee 2" ? another : question;
        const veilsum::bytes answer =
            must(threshold::partially_decrypt(key, verification, trustee.share, asked, context, rng))
                .serialize();

        const auto received =
            must(threshold::partial_decryption<scheme>::parse(key, verification, question.size(), answer));
        const auto checked = threshold::verify_partial(key, verification, question, received, context);
        std::printf("%s    %s\n", name.c_str(), checked ? "right" : refusal(checked).c_str());
        if (checked) verified.push_back(*checked);
        if (verified.size() == 1 && name == "trustee 1")
            std::printf("one answer   %s\n", refusal(threshold::combine(key, who, verified)).c_str());
    }
    for (const auto& value : must(threshold::combine<scheme>(key, who, verified)))
        std::printf("two answers  %s\n", value.to_decimal().c_str());
}
