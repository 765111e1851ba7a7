// Decoders of the threshold scheme: shares, verification keys, partial decryptions, messages of a refresh; 2
// of 3 trustees, toy size.
//
//      0  structure::create, epoch::parse         6  refresh_reception::parse
//      1  verification_keys::parse                7  refresh_reception::parse, signed again
//      2  key_share::parse                        8  refresh_contribution::parse
//      3  open_share                              9  refresh_contribution::parse, signed again;
//      open_sub_share 4  open_share, sealed again               10  refresh_complaint::parse 5
//      partial_decryption::parse, verify      11  refresh_complaint::parse, signed again
//
// "signed again": the input is what a trustee signs, and the trustee that it names signs it: a malicious one
// can send whatever it likes. "sealed again": likewise with the passphrase of a share file.
#include "support/threshold_fixture.hpp"

#include "fuzz/decoders.hpp"

#include <veilsum/sign/signing_key.hpp>
#include <veilsum/threshold/refresh_complaint.hpp>
#include <veilsum/threshold/refresh_contribution.hpp>
#include <veilsum/threshold/refresh_reception.hpp>
#include <veilsum/threshold/refresh_terms.hpp>
#include <veilsum/threshold/share_file.hpp>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using namespace veilsum::threshold;
using integer::bigint;
using scheme = test::toy_scheme<1>;
using test::seeded_random;

constexpr std::uint32_t trustees = 3;
constexpr std::uint32_t dealer = 2; // who contributes to the refresh

struct world {
    test::ceremony_fixture<scheme> ceremony{2, trustees};
    paillier::ciphertext_vector<scheme> ciphertexts = ceremony.encrypt({bigint(5), bigint(-6)}, 3);
    bytes partial = ceremony.decrypt(2, ciphertexts).serialize();
    std::vector<sign::signing_key> identities;
    std::vector<std::vector<sign::signing_key>>
        reception_keys; // [i][k]: what dealer k + 1 seals to trustee i + 1
    std::vector<bytes> reception_bytes;
    std::vector<refresh_reception> receptions;
    std::optional<refresh_terms<scheme>> terms;

    world() {
        seeded_random rng(9);
        std::vector<sign::verifying_key> signers;
        for (std::uint32_t i = 0; i < trustees; ++i) {
            identities.push_back(sign::signing_key::generate(rng));
            signers.push_back(identities.back().verifying());
        }
        auto made = refresh_terms<scheme>::create(ceremony.key, ceremony.dealt.verification, signers, {});
        require_value(made, "terms");
        terms = *std::move(made);
        for (std::uint32_t i = 1; i <= trustees; ++i) {
            reception_keys.emplace_back();
            wire::writer out = begin(i);
            for (std::uint32_t k = 0; k < trustees; ++k) {
                reception_keys.back().push_back(sign::signing_key::generate(rng));
                out.fixed(reception_keys.back().back().verifying().bytes());
            }
            reception_bytes.push_back(
                send(wire::message_type::refresh_reception, refresh_reception::label, out.view()));
            auto read = refresh_reception::parse(*terms, reception_bytes.back());
            require_value(read, "reception");
            receptions.push_back(*std::move(read));
        }
    }
    wire::writer begin(std::uint32_t trustee) const {
        wire::writer out;
        out.fixed(terms->digest());
        out.u16(static_cast<std::uint16_t>(trustee));
        return out;
    }
    // The message with this content, signed by whom it names, if that is a trustee.
    bytes send(wire::message_type type, std::string_view label, byte_view content) const {
        bytes body(content.begin(), content.end());
        const std::size_t named = content.size() < 34 ? 0 : std::size_t{content[32]} << 8 | content[33];
        const std::size_t by = named >= 1 && named <= trustees ? named - 1 : 0;
        const auto signature = identities[by].sign(label, content);
        body.insert(body.end(), signature.begin(), signature.end());
        return wire::frame(type, 1, body);
    }
    // Dealer's contribution: z_i = a i over the integers, A_1 = v^a.
    bytes contribution() const {
        seeded_random rng(10);
        wire::writer out = begin(dealer);
        const bigint a = integer::random_bits(lengths<scheme>::coefficient_bits(terms->structure()), rng);
        out.fixed(power_vartime(ceremony.dealt.verification.base(), a, ceremony.key.modulus())
                      .to_bytes(scheme::ciphertext_bytes));
        for (std::uint32_t i = 1; i <= trustees; ++i) {
            const bytes value =
                (a * bigint(i)).to_bytes(lengths<scheme>::sub_share_bytes(terms->structure()));
            out.fixed(seal::seal_message(
                receptions[i - 1].key_for(party_id(dealer)), value,
                refresh_contribution<scheme>::box_context(*terms, party_id(dealer), party_id(i)), rng));
        }
        return std::move(out).take();
    }
    bytes complaint() const {
        wire::writer out = begin(1);
        out.u16(dealer);
        out.fixed(reception_keys[0][dealer - 1].expose_seed());
        return std::move(out).take();
    }
};
const world& here() {
    static const world made;
    return made;
}
const paillier::public_key<scheme>& key() {
    return test::fixed_public_key<scheme>();
}

bool read_verification_keys(byte_view data) {
    const auto read = verification_keys<scheme>::parse(key(), data);
    if (!one_spelling(data, read)) return false;
    const bool is_good = equal(data, here().ceremony.dealt.verification.serialize());
    if (is_good || (read->structure().trustees() <= 8 && chosen(data, 8))) {
        const auto& dealt = here().ceremony.dealt.verification;
        const auto checked = read->check(key());
        if (is_good) require_value(checked, "verification keys that were dealt");
        // The epoch is not part of this check, and a smaller quorum's polynomial has a larger degree too.
        if (checked && read->structure() == dealt.structure() && read->epoch() == dealt.epoch())
            require(is_good, "verification keys that pass were dealt");
    }
    return true;
}
bool read_share(byte_view data) {
    const auto read = key_share<scheme>::parse(key(), data);
    if (!accepted(read)) return false;
    require(equal(read->serialize().expose(), data), "a key share is written back the same");
    const auto& dealt = here().ceremony.dealt;
    const bool is_good = std::any_of(dealt.shares.begin(), dealt.shares.end(), [&](const auto& share) {
        return equal(share.serialize().expose(), data);
    });
    if (is_good || chosen(data, 4))
        require(read->check(key(), dealt.verification).has_value() == is_good, "a share that fits was dealt");
    return true;
}

secret<bytes> passphrase() {
    return secret<bytes>(as_sample("a passphrase"));
}
bool open_file(byte_view file) {
    // Behind the frame: key id, index, length, version of the box.
    constexpr std::size_t cost_at = wire::frame_header_bytes + 34 + 4 + 1;
    if (file.size() >= cost_at + 16) {
        wire::reader in(file.subspan(cost_at));
        const seal::passphrase_cost cost{in.u64(), in.u64()};
        if (cost.is_valid() && !(cost == seal::passphrase_cost::minimum())) return false;
    }
    const auto read = open_share<scheme>(passphrase(), file, key());
    if (!accepted(read)) return false;
    require(read->index().index() == (std::uint32_t{file[44]} << 8 | file[45]),
            "a share is the one of its label");
    return true;
}
const bytes& share_file() {
    static const bytes made = [] {
        seeded_random rng(11);
        auto file =
            seal_share(passphrase(), here().ceremony.dealt.shares[1], seal::passphrase_cost::minimum(), rng);
        require_value(file, "sealing a share");
        return *std::move(file);
    }();
    return made;
}
// The label's index, then the share's frame.
bool open_made_file(byte_view data) {
    parts in(data);
    seeded_random rng(12);
    const bytes label = share_file_label(key().id(), in.word());
    const auto box =
        seal::seal_with_passphrase(passphrase(), in.rest(), label, seal::passphrase_cost::minimum(), rng);
    require_value(box, "sealing");
    wire::writer out;
    out.fixed(label);
    out.var(*box);
    return open_file(wire::frame(wire::message_type::share_file, share_file_version, out.view()));
}

bool read_partial(byte_view data) {
    const auto read = partial_decryption<scheme>::parse(key(), here().ceremony.dealt.verification,
                                                        here().ciphertexts.size(), data);
    if (!one_spelling(data, read)) return false;
    const bool is_good = equal(data, here().partial);
    if (is_good || chosen(data, 8))
        require(here().ceremony.verify(here().ciphertexts, *read).has_value() == is_good,
                "a partial decryption that verifies is the trustee's");
    return true;
}

// ---- refresh: no message has an encoder of its own

bool read_reception(byte_view data) {
    const auto read = refresh_reception::parse(*here().terms, data);
    if (!accepted(read)) return false;
    wire::writer content = here().begin(read->owner().index());
    for (std::uint32_t k = 1; k <= trustees; ++k) content.fixed(read->key_for(party_id(k)).bytes());
    require(equal(byte_view(content.view()), data.subspan(12, data.size() - 12 - 64)),
            "a reception holds what was sent");
    return true;
}
bool read_contribution(byte_view data) {
    const auto& terms = *here().terms;
    const auto read = refresh_contribution<scheme>::parse(terms, here().receptions, data);
    if (!accepted(read)) return false;
    wire::writer content = here().begin(read->dealer().index());
    for (const bigint& element : read->commitments())
        content.fixed(element.to_bytes(scheme::ciphertext_bytes));
    for (std::uint32_t i = 1; i <= trustees; ++i) content.fixed(read->box_for(party_id(i)));
    require(equal(byte_view(content.view()), data.subspan(12, data.size() - 12 - 64)),
            "a contribution holds what was sent");
    for (std::uint32_t i = 1; i <= trustees; ++i) {
        const auto& reception_key = here().reception_keys[i - 1][read->dealer().index() - 1];
        const auto share = open_sub_share(terms, *read, party_id(i), reception_key);
        if (accepted(share))
            require(power_vartime(terms.before().base(), share->expose(), key().modulus()) ==
                        evaluate_in_exponent(key(), read->commitments(), party_id(i)),
                    "a sub-share that opens fits the commitments");
    }
    return true;
}
bool read_complaint(byte_view data) {
    const auto read = refresh_complaint::parse(*here().terms, here().receptions, data);
    if (!accepted(read)) return false;
    const auto& revealed = here().reception_keys[read->accuser().index() - 1][read->accused().index() - 1];
    require(read->key().expose_seed() == revealed.expose_seed(), "a complaint reveals the accuser's own key");
    return true;
}
bytes without_frame(byte_view message) {
    return {message.begin() + 12, message.end() - 64};
}

const decoder all[] = {
    {"structure::create, epoch::parse",
     [](byte_view data) {
         wire::reader in(data);
         const std::uint32_t quorum = in.u32(), count = in.u32(), number = in.u32();
         if (!in.finish()) return false;
         const auto who = structure::create(quorum, count);
         const auto at = epoch::parse(number);
         if (!accepted(who) || !accepted(at)) return false;
         require(who->quorum() == quorum && who->trustees() == count && at->number() == number &&
                     quorum >= 1 && quorum <= count && count <= structure::max_trustees &&
                     number <= epoch::last,
                 "a structure is within its bounds");
         if (quorum >= 2)
             require(lengths<scheme>::value_bytes(*who, *at) <= lengths<scheme>::max_value_bytes,
                     "a share's length is within its cap");
         return true;
     },
     [] {
         return samples{bytes{0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0},
                        bytes{0, 0, 0, 64, 0, 0, 0, 64, 0, 0, 15, 255}};
     }},
    {"verification_keys::parse", read_verification_keys,
     [] { return samples{here().ceremony.dealt.verification.serialize()}; }},
    {"key_share::parse", read_share,
     [] { return samples{here().ceremony.dealt.shares[0].serialize().expose()}; }},
    {"open_share", open_file, [] { return samples{share_file()}; }},
    {"open_share, sealed again", open_made_file,
     [] {
         bytes sample{0, 2};
         const auto share = here().ceremony.dealt.shares[1].serialize();
         sample.insert(sample.end(), share.expose().begin(), share.expose().end());
         return samples{sample};
     }},
    {"partial_decryption::parse", read_partial, [] { return samples{here().partial}; }},
    {"refresh_reception::parse", read_reception, [] { return samples{here().reception_bytes[0]}; }},
    {"refresh_reception::parse, signed again",
     [](byte_view data) {
         return read_reception(
             here().send(wire::message_type::refresh_reception, refresh_reception::label, data));
     },
     [] { return samples{without_frame(here().reception_bytes[0])}; }},
    {"refresh_contribution::parse", read_contribution,
     [] {
         return samples{here().send(wire::message_type::refresh_contribution,
                                    refresh_contribution<scheme>::label, here().contribution())};
     }},
    {"refresh_contribution::parse, signed again",
     [](byte_view data) {
         return read_contribution(here().send(wire::message_type::refresh_contribution,
                                              refresh_contribution<scheme>::label, data));
     },
     [] { return samples{here().contribution()}; }},
    {"refresh_complaint::parse", read_complaint,
     [] {
         return samples{here().send(wire::message_type::refresh_complaint, refresh_complaint::label,
                                    here().complaint())};
     }},
    {"refresh_complaint::parse, signed again",
     [](byte_view data) {
         return read_complaint(
             here().send(wire::message_type::refresh_complaint, refresh_complaint::label, data));
     },
     [] { return samples{here().complaint()}; }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
