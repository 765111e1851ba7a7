// Opening a round: its parameters on the record, and the pre-flight that refuses numbers which cannot work
// before anybody encrypts.
//
//     round_opened body
//       round            u64
//       model            32   digest of the model the updates refer to
//       scale_bits       u8   update g becomes round(g 2^scale_bits)
//       clip_l2          u64  binary64, bit pattern
//       layout           the input parameters of docs/spec/validity.md, 3.1, in the order nbits b m wmax d C
//       flags a md,
//                        u32 each, then B2 in 32 bytes
//       proof_suite      u16  which proof a contribution carries (proof_suite.hpp), and
//       proof_version    u16  its version
//       minimum_cohort   u32
//       roster           32   digest of the roster's body
//       opens_at         u64  seconds; nothing is accepted before
//       closes_at        u64  seconds; nothing is accepted after
//
// `binding` = SHA-256 of the canonical record: it fixes all of the above and, through the previous hash, the
// log up to the opening. Every proof and every signature of the round contains it.
#pragma once

#include <veilsum/aggregation/proof_suite.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/roster.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <utility>

namespace veilsum::aggregation {

struct round_header {
    std::uint64_t round = 0;
    hash::digest32 model{};
    encoding::fixed_point format{};
    encoding::layout_parameters layout{};
    proof_suite suite = proof_suite::plaintext_knowledge;
    std::uint16_t suite_version = 1;
    std::uint32_t minimum_cohort = 0;
    hash::digest32 roster{};
    std::uint64_t opens_at = 0;
    std::uint64_t closes_at = 0;

    bytes serialize() const {
        wire::writer out;
        out.u64(round);
        out.fixed(model);
        out.u8(static_cast<std::uint8_t>(format.scale_bits));
        out.u64(std::bit_cast<std::uint64_t>(format.clip_l2));
        for (const std::uint32_t value : {layout.nbits, layout.b, layout.m, layout.wmax, layout.d, layout.C,
                                          layout.flags, layout.a, layout.md})
            out.u32(value);
        out.fixed(layout.B2);
        out.u16(static_cast<std::uint16_t>(suite));
        out.u16(suite_version);
        out.u32(minimum_cohort);
        out.fixed(roster);
        out.u64(opens_at);
        out.u64(closes_at);
        return std::move(out).take();
    }
    static result<round_header> parse(byte_view body) {
        wire::reader in(body);
        round_header header;
        header.round = in.u64();
        header.model = in.array<32>();
        header.format.scale_bits = in.u8();
        header.format.clip_l2 = std::bit_cast<double>(in.u64());
        for (std::uint32_t* value :
             {&header.layout.nbits, &header.layout.b, &header.layout.m, &header.layout.wmax, &header.layout.d,
              &header.layout.C, &header.layout.flags, &header.layout.a, &header.layout.md})
            *value = in.u32();
        header.layout.B2 = in.array<32>();
        header.suite = static_cast<proof_suite>(in.u16());
        header.suite_version = in.u16();
        header.minimum_cohort = in.u32();
        header.roster = in.array<32>();
        header.opens_at = in.u64();
        header.closes_at = in.u64();
        if (auto end = in.finish(); !end) return end.error();
        header.format.value_bits = header.layout.b;
        return header;
    }
};

// What everybody knows of an open round once it has passed the checks below: made by `check_round` only.
class round_facts {
  public:
    const round_header& header() const { return header_; }
    const encoding::matrix_layout& layout() const { return layout_; }
    const roster& members() const { return roster_; }
    const hash::digest32& session() const { return session_; }
    const hash::digest32& key() const { return key_; }
    const hash::digest32& binding() const { return binding_; }

    // Context of the transcript of one party's proof in this round (docs/spec/validity.md, 6.1).
    transcript::context context_of(const byte_array<32>& party) const {
        return {session_, header_.round, party, key_, layout_.digest(), binding_};
    }

  private:
    template <class Scheme>
    friend result<round_facts> check_round(const round_header&, const hash::digest32&, roster,
                                           const hash::digest32&, const session_header&, std::uint64_t,
                                           const hash::digest32*, std::size_t);
    round_facts(round_header header, encoding::matrix_layout layout, roster members, hash::digest32 session,
                hash::digest32 key, hash::digest32 binding)
        : header_(header), layout_(std::move(layout)), roster_(std::move(members)), session_(session),
          key_(key), binding_(binding) {}
    round_header header_;
    encoding::matrix_layout layout_;
    roster roster_;
    hash::digest32 session_;
    hash::digest32 key_;
    hash::digest32 binding_;
};

// Pre-flight. The aggregator runs it before it appends `round_opened`, everybody else before relying on that
// record. Checks, by number:
//   1  the round number is the next one;              2  the model is the one the last opened round made, of
//   d weights; 3  the layout is valid for the session's scheme;  4  its exponent length is the policy's; 5
//   every clipped update fits into b bits;         6  the proof suite is known, fits the options of the
//   layout, and
//                                                        can prove as many ciphertexts;
//   7  the roster is the one named by its digest;     8  no weight above wmax, and their sum at most m;
//   9  2 <= minimum cohort <= clients of the roster; 10  the round closes after it opens, and time goes on
//   after that.
// `previous_model` is null before the first round.
template <class Scheme>
result<round_facts> check_round(const round_header& header, const hash::digest32& binding, roster members,
                                const hash::digest32& session_id, const session_header& session,
                                std::uint64_t next_round, const hash::digest32* previous_model,
                                std::size_t model_weights) {
    const auto refuse = [](errc code, std::string_view what, std::uint32_t check) {
        return error{code, what, check};
    };
    if (header.round != next_round) return refuse(errc::bad_parameter, "round number", 1);
    if (previous_model != nullptr && *previous_model != header.model)
        return refuse(errc::mismatch, "model of the round is not the last round's result", 2);
    if (header.layout.d != model_weights) return refuse(errc::bad_parameter, "number of model weights", 2);
    if (header.layout.nbits != Scheme::modulus_bits)
        return refuse(errc::bad_parameter, "modulus size of the layout", 3);
    auto layout = encoding::matrix_layout::create(header.layout, Scheme::modulus_bits);
    if (!layout) {
        const std::uint32_t rule = layout.error().check;
        return std::move(layout).error().in_check(3).at("layout rule " + std::to_string(rule));
    }
    if (header.layout.a != exponent_bits<Scheme>(session.policy))
        return refuse(errc::bad_parameter, "exponent length of the layout", 4);
    if (header.format.value_bits != header.layout.b) return refuse(errc::bad_parameter, "bits of a value", 5);
    if (auto fits = header.format.check(); !fits) return std::move(fits).error().in_check(5);
    if (auto known = check_suite(header.suite, header.suite_version, header.layout.flags); !known)
        return std::move(known).error().in_check(6);
    if (header.suite == proof_suite::validity && Scheme::degree != 1)
        return refuse(errc::unsupported, "degree for this proof suite", 6);
    if (header.suite == proof_suite::plaintext_knowledge &&
        layout->ciphertexts() > zk::plaintext_knowledge<Scheme>::most_ciphertexts)
        return refuse(errc::bad_parameter, "number of ciphertexts for this proof suite", 6);
    if (members.digest() != header.roster) return refuse(errc::mismatch, "roster", 7);
    if (members.largest_weight() > header.layout.wmax)
        return refuse(errc::bad_parameter, "largest weight", 8);
    if (members.total_weight() > header.layout.m) return refuse(errc::bad_parameter, "sum of the weights", 8);
    if (header.minimum_cohort < 2) return refuse(errc::bad_parameter, "minimum cohort below 2", 9);
    if (header.minimum_cohort > members.size())
        return refuse(errc::bad_parameter, "minimum cohort above the roster", 9);
    if (header.closes_at <= header.opens_at || header.closes_at == std::numeric_limits<std::uint64_t>::max())
        return refuse(errc::bad_parameter, "closing time", 10);
    return round_facts(header, *std::move(layout), std::move(members), session_id, session.key, binding);
}

} // namespace veilsum::aggregation
