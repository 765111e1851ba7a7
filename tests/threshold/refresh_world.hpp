// A dealt toy key whose shares are refreshed, message by message, for the tests of refresh.
#pragma once

#include "support/threshold_fixture.hpp"

#include "support/catch.hpp"

#include <veilsum/threshold/refresh_trustee.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::test {

template <class T>
void check_refused(const result<T>& outcome, errc code, std::string_view what, std::uint32_t check,
                   std::string_view culprit = {}, std::string_view place = {}) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().culprit == culprit);
    CHECK(outcome.error().place == place);
}

// A copy of a share, as a thief has one; the library makes none.
template <class Scheme>
threshold::key_share<Scheme> stolen(const paillier::public_key<Scheme>& key,
                                    const threshold::key_share<Scheme>& share) {
    return threshold::key_share<Scheme>::parse(key, share.serialize().expose()).value();
}

template <class Scheme>
struct refresh_world {
    using bigint = integer::bigint;
    using terms_type = threshold::refresh_terms<Scheme>;
    using trustee = threshold::refresh_trustee<Scheme>;
    using collection = threshold::refresh_collection<Scheme>;
    using review = threshold::refresh_review<Scheme>;
    using outcome = threshold::refresh_outcome<Scheme>;
    using verified = threshold::verified_partial<Scheme>;

    ceremony_fixture<Scheme> ceremony;
    threshold::verification_keys<Scheme> verification;
    std::vector<threshold::key_share<Scheme>> shares;
    std::vector<sign::signing_key> identities;
    std::uint64_t seed;

    refresh_world(std::uint32_t quorum, std::uint32_t trustees, std::uint64_t with_seed = 1)
        : ceremony(quorum, trustees, with_seed), verification(ceremony.dealt.verification),
          shares(std::move(ceremony.dealt.shares)), seed(with_seed) {
        tests::seeded_random rng(100 * with_seed);
        for (std::uint32_t i = 1; i <= trustees; ++i) identities.push_back(sign::signing_key::generate(rng));
    }

    const paillier::public_key<Scheme>& key() const { return ceremony.key; }
    std::uint32_t size() const { return ceremony.who.trustees(); }
    std::vector<sign::verifying_key> public_identities() const {
        std::vector<sign::verifying_key> out;
        for (const auto& identity : identities) out.push_back(identity.verifying());
        return out;
    }
    terms_type terms(std::uint8_t binding = 1) const {
        hash::digest32 digest{};
        digest.fill(binding);
        return terms_type::create(key(), verification, public_identities(), digest).value();
    }

    struct attempt {
        std::vector<trustee> parties;
        collection open;
    };
    attempt enrol(std::uint8_t binding = 1) const {
        const auto about = terms(binding);
        threshold::refresh_enrolment<Scheme> enrolment(about);
        std::vector<trustee> parties;
        for (std::uint32_t i = 1; i <= size(); ++i) {
            tests::seeded_random rng(1000 * seed + 100 * binding + i);
            parties.push_back(trustee::start(about, party_id(i), rng).value());
            REQUIRE(enrolment.accept(parties.back().reception(identities[i - 1]).value()));
        }
        return {std::move(parties), std::move(enrolment).close().value()};
    }
    // Of trustee i; a variant other than 0 is one that it makes from another master seed.
    bytes contribution(const attempt& made, std::uint32_t i, std::uint64_t variant = 0) const {
        if (variant == 0) return made.parties[i - 1].contribute(made.open, identities[i - 1]).value();
        tests::seeded_random rng(77 + 1000 * seed + 10000 * variant + i);
        const auto again = trustee::start(made.open.terms(), party_id(i), rng).value();
        return again.contribute(made.open, identities[i - 1]).value();
    }
    // Trustees `dealers` contribute; nobody has reason to complain.
    outcome agree(attempt& made, const std::vector<std::uint32_t>& dealers) const {
        for (const std::uint32_t i : dealers) REQUIRE(made.open.accept(contribution(made, i)));
        auto reviewed = std::move(made.open).close().value();
        for (std::uint32_t i = 1; i <= size(); ++i)
            CHECK(made.parties[i - 1].complaints(reviewed, identities[i - 1]).value().empty());
        return std::move(reviewed).close().value();
    }
    void apply(const attempt& made, const outcome& agreed) {
        for (std::uint32_t i = 1; i <= size(); ++i)
            shares[i - 1] = made.parties[i - 1].finish(agreed, shares[i - 1]).value();
        verification = agreed.after();
    }
    void refresh(const std::vector<std::uint32_t>& dealers, std::uint8_t binding = 1) {
        auto made = enrol(binding);
        const auto agreed = agree(made, dealers);
        apply(made, agreed);
        ++seed;
    }

    result<threshold::partial_decryption<Scheme>> decrypt(const threshold::key_share<Scheme>& share,
                                                          const threshold::verification_keys<Scheme>& keys,
                                                          const paillier::ciphertext_vector<Scheme>& sum,
                                                          std::uint64_t with = 5) const {
        tests::seeded_random rng(with);
        return threshold::partially_decrypt(key(), keys, share, sum, decryption_context(), rng);
    }
    // By trustee i with its share of today, through bytes.
    verified answer(std::uint32_t i, const paillier::ciphertext_vector<Scheme>& sum) const {
        const auto made = decrypt(shares[i - 1], verification, sum).value();
        const auto read =
            threshold::partial_decryption<Scheme>::parse(key(), verification, sum.size(), made.serialize())
                .value();
        return threshold::verify_partial(key(), verification, sum, read, decryption_context()).value();
    }
    std::vector<verified> answers(const paillier::ciphertext_vector<Scheme>& sum) const {
        std::vector<verified> out;
        for (std::uint32_t i = 1; i <= size(); ++i) out.push_back(answer(i, sum));
        return out;
    }
    void check_all_quorums(const paillier::ciphertext_vector<Scheme>& sum,
                           const std::vector<bigint>& expected) const {
        const auto partials = answers(sum);
        for (const auto& members : subsets(size(), ceremony.who.quorum())) {
            std::vector<verified> chosen;
            for (const std::uint32_t i : members) chosen.push_back(partials[i - 1]);
            CHECK(threshold::combine(key(), ceremony.who, chosen).value() == expected);
        }
    }
};

// Signs a message again after its body was changed, as its sender could.
template <class World>
bytes signed_again(const World& world, bytes message, std::string_view label, std::uint32_t by) {
    const std::size_t body = message.size() - wire::frame_header_bytes - 64;
    const auto signature =
        world.identities[by - 1].sign(label, byte_view(message).subspan(wire::frame_header_bytes, body));
    std::copy(signature.begin(), signature.end(), message.end() - 64);
    return message;
}

} // namespace veilsum::test
