// Refreshing the shares of a ceremony that lies in one folder with all trustees' shares and passphrases.
//
//     NEW/ceremony       the same key, verification keys of the next epoch, new acknowledgements
//     NEW/refresh        every message of the refresh, so that everybody can repeat it: count u32, each var
//     NEW/trustee-I/     the new share, sealed under the passphrase that it had; the same signing key
//
// Trustees on machines of their own exchange the same messages and run the same states
// (threshold/refresh.hpp).
#pragma once

#include "support/ceremony_folder.hpp"

#include <veilsum/threshold/refresh.hpp>
#include <veilsum/threshold/refresh_trustee.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace examples {

inline constexpr std::size_t max_refresh_bytes = std::size_t{1} << 26;

template <class Scheme>
result<veilsum::threshold::refresh_terms<Scheme>>
refresh_terms_of(const veilsum::aggregation::ceremony<Scheme>& before) {
    return veilsum::threshold::refresh_terms<Scheme>::create(before.key, before.verification, before.trustees,
                                                             veilsum::hash::sha256(before.serialize()));
}

template <class Scheme>
struct refreshed_ceremony {
    dealt_ceremony<Scheme> dealt;
    bytes messages; // the file `refresh`
};

// Every trustee enrols and contributes. The watcher hears how many trustees are done.
template <class Scheme, veilsum::random::random_source Source>
result<refreshed_ceremony<Scheme>> refresh_ceremony(const veilsum::aggregation::ceremony<Scheme>& before,
                                                    std::vector<trustee_secrets<Scheme>> trustees,
                                                    Source& rng, const veilsum::progress& watcher = {}) {
    namespace threshold = veilsum::threshold;
    const auto terms = refresh_terms_of(before);
    if (!terms) return terms.error();
    const std::size_t l = trustees.size();
    std::vector<bytes> messages;
    std::vector<threshold::refresh_trustee<Scheme>> parties;
    threshold::refresh_enrolment<Scheme> enrolment(*terms);
    for (std::uint32_t i = 1; i <= l; ++i) {
        auto party = threshold::refresh_trustee<Scheme>::start(*terms, veilsum::party_id(i), rng);
        if (!party) return party.error();
        auto message = party->reception(trustees[i - 1].identity);
        if (!message) return message.error();
        if (auto accepted = enrolment.accept(*message); !accepted) return accepted.error();
        messages.push_back(*std::move(message));
        parties.push_back(*std::move(party));
    }
    auto collection = std::move(enrolment).close();
    if (!collection) return collection.error();
    for (std::size_t i = 0; i < l; ++i) {
        veilsum::report(watcher, i, 2 * l);
        auto message = parties[i].contribute(*collection, trustees[i].identity);
        if (!message) return message.error();
        if (auto accepted = collection->accept(*message); !accepted) return accepted.error();
        messages.push_back(*std::move(message));
    }
    auto review = (*std::move(collection)).close();
    if (!review) return review.error();
    for (std::size_t i = 0; i < l; ++i) {
        auto complaints = parties[i].complaints(*review, trustees[i].identity);
        if (!complaints) return complaints.error();
        for (bytes& complaint : *complaints) {
            if (auto accepted = review->accept(complaint); !accepted) return accepted.error();
            messages.push_back(std::move(complaint));
        }
    }
    const auto outcome = (*std::move(review)).close();
    if (!outcome) return outcome.error();

    veilsum::aggregation::ceremony<Scheme> after{before.id,        before.key,      before.proof,
                                                 outcome->after(), before.trustees, {}};
    std::vector<trustee_secrets<Scheme>> renewed;
    for (std::size_t i = 0; i < l; ++i) {
        veilsum::report(watcher, l + i, 2 * l);
        auto share = parties[i].finish(*outcome, trustees[i].share);
        if (!share) return share.error();
        auto signature = veilsum::aggregation::acknowledge(after, *share, trustees[i].identity);
        if (!signature) return signature.error();
        after.acknowledgements.push_back(*signature);
        renewed.push_back({*std::move(share), std::move(trustees[i].identity)});
    }
    veilsum::wire::writer out;
    out.u32(static_cast<std::uint32_t>(messages.size()));
    for (const bytes& message : messages) out.var(message);
    return refreshed_ceremony<Scheme>{{std::move(after), std::move(renewed)}, std::move(out).take()};
}

// Whether these messages lead from one ceremony to the other: everything that a stranger can check of a
// refresh. Errors: those of the messages, in their order; malformed for what is no list of messages; mismatch
// for another ceremony.
template <class Scheme>
result<void> check_refresh(const veilsum::aggregation::ceremony<Scheme>& before,
                           const veilsum::aggregation::ceremony<Scheme>& after, veilsum::byte_view messages) {
    namespace threshold = veilsum::threshold;
    namespace wire = veilsum::wire;
    const auto terms = refresh_terms_of(before);
    if (!terms) return terms.error();
    wire::reader in(messages);
    std::vector<veilsum::byte_view> all(in.count(1 << 16, 4));
    for (veilsum::byte_view& message : all) message = in.var(max_refresh_bytes);
    if (auto end = in.finish(); !end) return end;
    const std::size_t l = before.trustees.size();
    if (all.size() < l) return error{errc::missing, "messages of the refresh"};
    threshold::refresh_enrolment<Scheme> enrolment(*terms);
    std::size_t at = 0;
    for (; at < l; ++at)
        if (auto accepted = enrolment.accept(all[at]); !accepted) return accepted;
    auto collection = std::move(enrolment).close();
    if (!collection) return collection.error();
    for (; at < all.size(); ++at) {
        const auto kind = static_cast<std::uint16_t>(wire::message_type::refresh_contribution);
        if (all[at].size() < 6 || (all[at][4] << 8 | all[at][5]) != kind) break;
        if (auto accepted = collection->accept(all[at]); !accepted) return accepted;
    }
    auto review = (*std::move(collection)).close();
    if (!review) return review.error();
    for (; at < all.size(); ++at)
        if (auto accepted = review->accept(all[at]); !accepted) return accepted;
    const auto outcome = (*std::move(review)).close();
    if (!outcome) return outcome.error();
    if (outcome->after().id() != after.verification.id() || after.id != before.id ||
        after.trustees != before.trustees)
        return error{errc::mismatch, "ceremony after the refresh"};
    return {};
}

} // namespace examples
