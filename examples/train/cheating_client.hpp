// A client that cheats as an `attack` says, for `train --attack NAME`: what it sends is refused, and the
// round goes on without it.
//
// It runs the honest prover on bent inputs: that is the best that somebody without a break of the proof can
// do.
#pragma once

#include "support/console.hpp"
#include "support/files.hpp"
#include "train/attack.hpp"

#include <veilsum/aggregation/client.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/zk/validity_prover.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace train {

template <class Scheme>
class cheating_client {
    using bytes = veilsum::bytes;
    using encryptor = veilsum::paillier::encryptor<Scheme, veilsum::paillier::short_exponent>;
    using values = std::vector<std::int32_t>;

  public:
    cheating_client(attack_name how, std::shared_ptr<const encryptor> encrypt,
                    veilsum::sign::signing_key&& identity)
        : how_(how), encryptor_(std::move(encrypt)), identity_(std::move(identity)) {}

    const veilsum::aggregation::client_id& id() const { return identity_.verifying(); }
    const attack_name& how() const { return how_; }
    // An honest enrolment.
    bytes enrol(const veilsum::hash::digest32& session) const {
        return veilsum::aggregation::sign_enrolment(identity_, session, 1, 0).message();
    }

    // The message it sends; `other` is what an honest client sent to this round. A replay is honest first.
    veilsum::result<bytes> contribute(const veilsum::aggregation::round_facts& round,
                                      const std::vector<float>& update, const bytes& other,
                                      veilsum::random::system_random& rng) {
        namespace encoding = veilsum::encoding;
        auto quantised = encoding::quantise(update, round.header().format);
        if (!quantised) return quantised.error();
        if (how_.which == attack::copy) return send(round, other);
        if (how_.which == attack::replay) {
            if (!earlier_.empty()) return send(round, earlier_);
            auto honest = prove(
                round, round.layout(), *quantised, [](auto&) {}, rng);
            if (!honest) return honest.error();
            earlier_ = *honest;
            return send(round, *std::move(honest));
        }
        auto layout = round.layout();
        if (how_.which == attack::scaled) {
            const std::int32_t largest = (std::int32_t{1} << (layout.value_bits() - 1)) - 1;
            for (std::int32_t& value : *quantised) value = std::clamp(100 * value, -largest, largest);
            auto looser = with_bound(layout, squares(*quantised));
            if (!looser) return looser.error();
            layout = *std::move(looser);
        }
        if (how_.which == attack::norm_plus_one) {
            const veilsum::integer::bigint bound = layout.norm_bound() + 1;
            *quantised = with_squares(bound, layout);
            auto looser = with_bound(layout, squares(*quantised));
            if (!looser) return looser.error();
            layout = *std::move(looser);
        }
        const auto bend = [&](std::vector<veilsum::integer::bigint>& plaintexts) {
            using veilsum::integer::bigint;
            if (how_.which == attack::overflow) plaintexts[0] += bigint(1) << layout.slot_width();
            if (how_.which == attack::out_of_range)
                plaintexts[0] +=
                    bigint(std::int64_t{1} << (layout.value_bits() - 1)) - bigint((*quantised)[0]);
            if (how_.which == attack::mismatch)
                for (bigint& each : plaintexts) each = -each;
        };
        auto body = prove(round, layout, *quantised, bend, rng);
        if (!body) return body.error();
        return send(round, *std::move(body));
    }

  private:
    static std::uint64_t squares(const values& x) {
        std::uint64_t sum = 0;
        for (const std::int64_t value : x) sum += static_cast<std::uint64_t>(value * value);
        return sum;
    }
    // Integers of b bits whose squares sum to `bound`: always the largest square that is left.
    static values with_squares(const veilsum::integer::bigint& bound,
                               const veilsum::encoding::matrix_layout& layout) {
        values x(layout.values());
        const veilsum::integer::bigint largest((std::int64_t{1} << (layout.value_bits() - 1)) - 1);
        veilsum::integer::bigint left = bound;
        for (std::size_t j = 0; j < x.size() && !left.is_zero(); ++j) {
            const veilsum::integer::bigint root = std::min(isqrt(left), largest);
            left -= root * root;
            x[j] = std::stoi(root.to_decimal());
        }
        return x;
    }
    static veilsum::result<veilsum::encoding::matrix_layout>
    with_bound(const veilsum::encoding::matrix_layout& layout, std::uint64_t bound) {
        auto bent = layout.parameters();
        bent.B2 = veilsum::encoding::norm_bound_bytes(bound);
        return veilsum::encoding::matrix_layout::create(bent, Scheme::modulus_bits);
    }

    // A submission for `layout` in the context of the round, whose parameters the layout need not be.
    template <class Bend>
    veilsum::result<bytes> prove(const veilsum::aggregation::round_facts& round,
                                 const veilsum::encoding::matrix_layout& layout, const values& x,
                                 const Bend& bend, veilsum::random::system_random& rng) const {
        namespace encoding = veilsum::encoding;
        auto rows = encoding::lay_out(layout, x, rng);
        if (!rows) return rows.error();
        auto plaintexts = encoding::pack_rows(layout, *rows);
        if (!plaintexts) return plaintexts.error();
        bend(plaintexts->expose());
        const veilsum::zk::validity_prover<Scheme> prover(encryptor_, layout);
        return prover.prove(veilsum::zk::validity_transcript(round.context_of(id().bytes())),
                            *std::move(rows), veilsum::paillier::plaintext_vector(*std::move(plaintexts)),
                            rng);
    }
    veilsum::result<bytes> send(const veilsum::aggregation::round_facts& round, bytes body) const {
        veilsum::aggregation::contribution_message message;
        message.body = std::move(body);
        message.header.round = round.header().round;
        message.header.client = id().bytes();
        message.header.rows = veilsum::pedersen::row_digest(
            veilsum::byte_view(message.body).first(32 * round.layout().data_rows()));
        message.header.body = veilsum::hash::sha256(message.body);
        message.header.signature =
            identity_.sign(veilsum::aggregation::contribution_label, message.header.signed_message(round));
        return message.serialize();
    }

    attack_name how_;
    std::shared_ptr<const encryptor> encryptor_;
    veilsum::sign::signing_key identity_;
    bytes earlier_;
};

} // namespace train
