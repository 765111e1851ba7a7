// Refresh, one trustee's half: its one-time keys, its contribution, its complaints, its new share.
//
//     auto mine = refresh_trustee<S>::start(terms, party_id(2), rng);
//     post(mine->reception(identity));                               enrolment, all trustees
//     post(mine->contribute(collection, identity));                  at least a quorum of them
//     for (const bytes& complaint : *mine->complaints(review, identity)) post(complaint);
//     auto share = mine->finish(outcome, old_share);
//
// Secrets: one master seed, fresh for each terms. With label "veilsum.refresh-reception/1" the seed of P_i,k
// is SHA-256 of master | terms | k; showing one says nothing about the others. With label
// "veilsum.refresh-contribution/1" SHA-256 of master | terms | receptions is the key of a stream
// (integer/forked_source.hpp) from which the contribution draws, first the a_i,j, then the ephemeral key of
// each box; `receptions` is SHA-256 of all P_i,k of the collection, by i, then k. The polynomial is wiped
// before `contribute` returns, and follows from the master seed as long as that is kept.
//
// So a trustee that wrote the master seed down (sealed: `expose_seed`) goes on after a restart (`resume`)
// with the very messages that it posted. Other receptions give a polynomial and ephemeral keys that are
// independent of the first: no ephemeral key ever seals two plaintexts.
//
// What the caller must do: follow the record for the states; check complaints in time, since after the review
// it is too late; store the new share and acknowledge it; keep the old share and the master seed until all
// have acknowledged the same keys, because until then the refresh may have to be given up; then erase both,
// their sealed files and the objects, which wipe themselves when they die. If it is given up, erase the new
// share and the master seed.
//
// Constant time in the secrets but for the lengths of sums. Cost of a contribution: t - 1 powers with
// coefficient_bits bits and l seals; of `complaints` and of `finish`: one power of sub_share_bits bits for
// each contribution.   spec: refresh, steps 2, 3, 5 and 8
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/domain.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/forked_source.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/seal/sealed_message.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/refresh.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::threshold {

template <class Scheme>
class refresh_trustee {
  public:
    using bigint = integer::bigint;

    // Errors: out_of_range for an index above the number of trustees.
    template <random::random_source Source>
    static result<refresh_trustee> start(refresh_terms<Scheme> terms, party_id index, Source& rng) {
        return resume(std::move(terms), index, secret<byte_array<32>>(random::random_bytes<32>(rng)));
    }
    // The same trustee after a restart, from its seed: its messages are the same again, and it can finish.
    // Other terms take another seed. Errors as `start`.
    static result<refresh_trustee> resume(refresh_terms<Scheme> terms, party_id index,
                                          secret<byte_array<32>>&& seed) {
        if (!terms.structure().contains(index)) return error{errc::out_of_range, "trustee index"};
        return refresh_trustee(std::move(terms), index, std::move(seed));
    }
    // Of this trustee, 1 to l.
    party_id index() const { return index_; }
    // To keep, sealed, until the refresh is over: whoever has it has the polynomial and all sub-shares.
    const byte_array<32>& expose_seed() const { return seed_.expose(); }

    // Errors of all messages: wrong_key if `identity` is not this trustee's.   spec: refresh, step 2
    result<bytes> reception(const sign::signing_key& identity) const {
        wire::writer out(refresh_reception::body_bytes(terms_.structure()));
        begin(out);
        for (std::uint32_t k = 1; k <= terms_.structure().trustees(); ++k)
            out.fixed(reception_key(party_id(k)).verifying().bytes());
        return finish_message(wire::message_type::refresh_reception, refresh_reception::version,
                              refresh_reception::label, std::move(out), identity);
    }

    // The same bytes for the same collection. Errors: wrong_context for a collection of another refresh.
    // spec: refresh, step 3
    result<bytes> contribute(const refresh_collection<Scheme>& collection,
                             const sign::signing_key& identity) const {
        if (!(collection.terms() == terms_)) return error{errc::wrong_context, "terms of the refresh"};
        const structure& who = terms_.structure();
        const std::size_t bits = lengths<Scheme>::coefficient_bits(who);
        integer::forked_source draws = contribution_draws(collection);
        std::vector<secret<bigint>> coefficients;
        for (std::uint32_t j = 1; j < who.quorum(); ++j)
            coefficients.emplace_back(integer::random_bits(bits, draws));

        using contribution = refresh_contribution<Scheme>;
        wire::writer out(contribution::body_bytes(who));
        begin(out);
        const auto& ring = terms_.key().arithmetic();
        std::vector<bigint> commitments(coefficients.size());
        parallel_for(coefficients.size(), [&](std::size_t j) {
            auto power = ring.make(1);
            ring.set(power, 0, terms_.before().base());
            ring.power_secret(power, power, coefficients[j], bits);
            commitments[j] = ring.get(power, 0);
        });
        for (const bigint& commitment : commitments) out.fixed(commitment.to_bytes(Scheme::ciphertext_bytes));
        for (std::uint32_t i = 1; i <= who.trustees(); ++i) {
            secret<bigint> value(bigint(0));
            for (std::size_t j = coefficients.size(); j-- > 0;)
                value = secret<bigint>((value.expose() + coefficients[j].expose()) * i);
            const secret<bytes> plain(value.expose().to_bytes(lengths<Scheme>::sub_share_bytes(who)));
            out.fixed(seal::seal_message(collection.reception_key(party_id(i), index_), plain.expose(),
                                         contribution::box_context(terms_, index_, party_id(i)), draws));
        }
        return finish_message(wire::message_type::refresh_contribution, contribution::version,
                              contribution::label, std::move(out), identity);
    }

    // One for each dealer whose sub-share is bad; none if all are good.   spec: refresh, step 5
    result<std::vector<bytes>> complaints(const refresh_review<Scheme>& review,
                                          const sign::signing_key& identity) const {
        if (!(review.terms() == terms_)) return error{errc::wrong_context, "terms of the refresh"};
        std::vector<bytes> out;
        for (const auto& contribution : review.contributions()) {
            if (open_sub_share(terms_, contribution, index_, reception_key(contribution.dealer()))) continue;
            auto made = complain(contribution.dealer(), identity);
            if (!made) return made.error();
            out.push_back(*std::move(made));
        }
        return out;
    }
    // About one dealer, good or bad: it shows what that dealer sent.
    result<bytes> complain(party_id dealer, const sign::signing_key& identity) const {
        if (!terms_.structure().contains(dealer)) return error{errc::out_of_range, "index of the accused"};
        wire::writer out(refresh_complaint::body_bytes);
        begin(out);
        out.u16(static_cast<std::uint16_t>(dealer.index()));
        out.fixed(reception_key(dealer).expose_seed());
        return finish_message(wire::message_type::refresh_complaint, refresh_complaint::version,
                              refresh_complaint::label, std::move(out), identity);
    }

    // The new share. The old one stays good until all have acknowledged the new keys, and so does the master
    // seed. Errors: wrong_context for another refresh, mismatch for another trustee's share, the checks of
    // `open_sub_share` (a sub-share about which this trustee did not complain), those of
    // `key_share::refreshed`.   spec: refresh, step 8
    result<key_share<Scheme>> finish(const refresh_outcome<Scheme>& outcome,
                                     const key_share<Scheme>& old) const {
        if (!(outcome.terms() == terms_)) return error{errc::wrong_context, "terms of the refresh"};
        if (old.index() != index_) return error{errc::mismatch, "index of the key share"};
        secret<bigint> increment(bigint(0));
        for (const auto& contribution : outcome.contributions()) {
            const auto value =
                open_sub_share(terms_, contribution, index_, reception_key(contribution.dealer()));
            if (!value) return value.error();
            increment = secret<bigint>(increment.expose() + value->expose());
        }
        return old.refreshed(terms_.key(), terms_.before(), outcome.after(), std::move(increment));
    }

  private:
    refresh_trustee(refresh_terms<Scheme> terms, party_id index, secret<byte_array<32>>&& seed)
        : terms_(std::move(terms)), index_(index), seed_(std::move(seed)) {}

    // SHA-256 with a label of master | terms | purpose
    secret<byte_array<32>> derived(std::string_view label, byte_view purpose) const {
        secret<bytes> input(bytes(64 + purpose.size()));
        bytes& data = input.expose();
        std::copy(seed_.expose().begin(), seed_.expose().end(), data.begin());
        std::copy(terms_.digest().begin(), terms_.digest().end(), data.begin() + 32);
        std::copy(purpose.begin(), purpose.end(), data.begin() + 64);
        return secret<byte_array<32>>(hash::labelled_hash(label, data));
    }
    // P_i,k with its secret
    sign::signing_key reception_key(party_id dealer) const {
        const byte_array<2> purpose{static_cast<std::uint8_t>(dealer.index() >> 8),
                                    static_cast<std::uint8_t>(dealer.index())};
        return sign::signing_key::from_seed(derived("veilsum.refresh-reception/1", purpose));
    }
    // What the contribution to this collection draws from.
    integer::forked_source contribution_draws(const refresh_collection<Scheme>& collection) const {
        hash::sha256_hasher receptions;
        for (std::uint32_t i = 1; i <= terms_.structure().trustees(); ++i)
            for (std::uint32_t k = 1; k <= terms_.structure().trustees(); ++k)
                receptions.update(collection.reception_key(party_id(i), party_id(k)).bytes());
        return integer::forked_source::from_key(
            derived("veilsum.refresh-contribution/1", receptions.finish()));
    }
    void begin(wire::writer& out) const {
        out.fixed(terms_.digest());
        out.u16(static_cast<std::uint16_t>(index_.index()));
    }
    result<bytes> finish_message(wire::message_type type, std::uint16_t version, std::string_view label,
                                 wire::writer&& out, const sign::signing_key& identity) const {
        if (!(identity.verifying() == terms_.identity(index_)))
            return error{errc::wrong_key, "identity of the trustee"};
        out.fixed(identity.sign(label, out.view()));
        return wire::frame(type, version, out.view());
    }

    refresh_terms<Scheme> terms_;
    party_id index_;
    secret<byte_array<32>> seed_;
};

} // namespace veilsum::threshold
