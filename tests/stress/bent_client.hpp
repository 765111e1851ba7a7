// A client that does not follow the protocol, in proof suite 2: the honest prover on bent inputs, and bytes
// that are altered afterwards. It is the best that somebody can do who cannot break the proof.
#pragma once

#include "stress/message_pipe.hpp"
#include "stress/stress_plan.hpp"

#include <veilsum/aggregation/client.hpp>
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/zk/validity_prover.hpp>
#include <veilsum/zk/validity_shape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::stress {

template <class Scheme>
class bent_client {
    using encryptor = paillier::encryptor<Scheme, paillier::short_exponent>;
    using message = aggregation::contribution_message;
    using values = std::vector<std::int32_t>;

  public:
    bent_client(const aggregation::session_header& session, const aggregation::round_facts& round,
                std::shared_ptr<const encryptor> encrypt, sign::signing_key&& identity)
        : session_(session), round_(round), encryptor_(std::move(encrypt)), identity_(std::move(identity)) {}

    // All that a cheat of this kind sends, in order; `update` is what it would send if it were honest,
    // `other` an honest client's contribution to this round.
    std::vector<bytes> messages(client_kind kind, const values& update, const values& second,
                                const message& other) {
        const encoding::matrix_layout& layout = round_.layout();
        switch (kind) {
        case client_kind::malformed: {
            bytes half = signed_over(honest(update)).serialize();
            half.resize(half.size() / 2);
            return {std::move(half)};
        }
        case client_kind::wrong_round: {
            const auto next = elsewhere(session_id(), round_.header().round + 1);
            return {signed_for(next, made(next, layout, update, {})).serialize()};
        }
        case client_kind::other_round:
            return {signed_over(made(elsewhere(session_id(), round_.header().round + 1), layout, update, {}))
                        .serialize()};
        case client_kind::other_session: {
            hash::digest32 another = session_id();
            another[0] ^= 1;
            return {
                signed_over(made(elsewhere(another, round_.header().round), layout, update, {})).serialize()};
        }
        case client_kind::bad_row:
            return {signed_over(overwritten(honest(update), 0, 32)).serialize()};
        case client_kind::wrong_digest: {
            message sent = signed_over(honest(update));
            sent.header.rows[0] ^= 1;
            sign(round_, sent);
            return {sent.serialize()};
        }
        case client_kind::bad_audit_row:
            return {
                signed_over(overwritten(honest(update), offset(zk::validity_field::aud), 32)).serialize()};
        case client_kind::bad_ciphertext:
            return {signed_over(overwritten(honest(update), offset(zk::validity_field::cts),
                                            Scheme::ciphertext_bytes))
                        .serialize()};
        case client_kind::bad_proof: {
            bytes body = honest(update);
            body[body.size() - 32] ^= 1; // least byte of the last response
            return {signed_over(std::move(body)).serialize()};
        }
        case client_kind::copied:
            return {signed_over(other.body).serialize()};
        case client_kind::equivocates:
            return {signed_over(honest(update)).serialize(), signed_over(honest(second)).serialize()};
        case client_kind::twice_bad:
            return {signed_over(overwritten(honest(update), 0, 32)).serialize(),
                    signed_over(honest(update)).serialize()};
        case client_kind::spoiled: // by one unit in one slot
            return {signed_over(made(round_, layout, update, integer::bigint(1))).serialize()};
        case client_kind::out_of_range: { // what is encrypted is 2^(b-1), one above the largest value
            const auto shift = (std::int64_t{1} << (layout.value_bits() - 1)) - update[0];
            return {signed_over(made(round_, layout, update, integer::bigint(shift))).serialize()};
        }
        case client_kind::norm_above:
            return {signed_over(above_norm()).serialize()};
        case client_kind::late: // as it should be; only the clock is against it
            return {signed_over(honest(update)).serialize()};
        case client_kind::honest:
        case client_kind::silent:
            break;
        }
        return {};
    }

    // Somebody who is not on the roster (this client's own key), or sends in the name of an honest one.
    bytes message_of(outsider_kind kind, const message& overheard) {
        message sent = overheard;
        switch (kind) {
        case outsider_kind::stranger:
            return signed_over(overheard.body).serialize();
        case outsider_kind::framed: // as if the client had signed something else
            sent.body.back() ^= 1;
            sent.header.body = hash::sha256(sent.body);
            return sent.serialize();
        case outsider_kind::swapped_body:
            sent.body.back() ^= 1;
            return sent.serialize();
        case outsider_kind::garbage:
        case outsider_kind::none:
            break;
        }
        return bytes(300, std::uint8_t{0x55});
    }

  private:
    const hash::digest32& session_id() const { return round_.session(); }
    std::size_t offset(zk::validity_field field) const {
        return zk::validity_shape(round_.layout())[field].offset;
    }
    static bytes overwritten(bytes body, std::size_t at, std::size_t count) {
        std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(at), count, std::uint8_t{0xff});
        return body;
    }
    // This round as another round or another session would have it.
    aggregation::round_facts elsewhere(const hash::digest32& session, std::uint64_t number) const {
        aggregation::round_header header = round_.header();
        header.round = number;
        const aggregation::round_terms terms{
            session, header.key, session_.policy, number, header.model_number, {}, header.layout.d};
        return take(aggregation::check_round<Scheme>(header, round_.binding(), terms, round_.members()),
                    "another round");
    }

    bytes honest(const values& update) { return made(round_, round_.layout(), update, {}); }
    // In the context of `facts`, for a layout that need not be that of the round, with the first plaintext
    // shifted.
    bytes made(const aggregation::round_facts& facts, const encoding::matrix_layout& layout,
               const values& update, const integer::bigint& shift) {
        auto rows = take(encoding::lay_out(layout, update, rng_), "rows");
        auto blocks = take(encoding::pack_rows(layout, rows), "blocks");
        blocks.expose().front() += shift;
        const zk::validity_prover<Scheme> prover(encryptor_, layout);
        return take(prover.prove(zk::validity_transcript(facts.context_of(identity_.verifying().bytes())),
                                 std::move(rows), paillier::plaintext_vector(std::move(blocks)), rng_),
                    "validity proof");
    }
    // A vector whose squares sum to the bound and one more, proved for a bound that it satisfies.
    bytes above_norm() {
        const encoding::matrix_layout& layout = round_.layout();
        const integer::bigint largest((std::int64_t{1} << (layout.value_bits() - 1)) - 1);
        integer::bigint left = layout.norm_bound() + 1;
        std::uint64_t squares = 0;
        values update(layout.values());
        for (std::int32_t& value : update) {
            const integer::bigint root = std::min(isqrt(left), largest);
            left -= root * root;
            value = std::stoi(root.to_decimal());
            squares += static_cast<std::uint64_t>(std::int64_t{value} * value);
        }
        require(left.is_zero(), "a vector just above the norm bound");
        auto bent = layout.parameters();
        bent.B2 = encoding::norm_bound_bytes(squares);
        return made(round_,
                    take(encoding::matrix_layout::create(bent, Scheme::modulus_bits), "looser layout"),
                    update, {});
    }

    void sign(const aggregation::round_facts& facts, message& sent) const {
        sent.header.signature =
            identity_.sign(aggregation::contribution_label, sent.header.signed_message(facts));
    }
    message signed_for(const aggregation::round_facts& facts, bytes body) const {
        message sent;
        sent.body = std::move(body);
        sent.header.round = facts.header().round;
        sent.header.client = identity_.verifying().bytes();
        sent.header.rows = pedersen::row_digest(byte_view(sent.body).first(32 * facts.layout().data_rows()));
        sent.header.body = hash::sha256(sent.body);
        sign(facts, sent);
        return sent;
    }
    message signed_over(bytes body) const { return signed_for(round_, std::move(body)); }

    const aggregation::session_header& session_;
    const aggregation::round_facts& round_;
    std::shared_ptr<const encryptor> encryptor_;
    sign::signing_key identity_;
    random::system_random rng_;
};

} // namespace veilsum::stress
