// Opening a round: its parameters on the record, and the pre-flight that refuses numbers which cannot work
// before anybody encrypts.
//
//     round_opened body
//       round            u64
//       model            32   digest of the model the updates refer to
//       scale_bits       u8   update g becomes round(g 2^scale_bits)
//       clip_l2          u64  binary64, bit pattern
//       layout           nbits b m wmax d C flags a md (docs/spec/validity.md, 3.1), u32 each, B2 in 32 bytes
//       proof_suite      u16  which proof a contribution carries (proof_suite.hpp), and
//       proof_version    u16  its version
//       minimum_cohort   u32
//       roster           32   digest of the roster's body
//       opens_at         u64  seconds; nothing is accepted before
//       closes_at        u64  seconds; nothing is accepted after
//       key              32   id of the session's key now
//       model_number     u32  which of the session's models the round is about, 0 first
//       drawn            u32  clients drawn from the pool (client_pool.hpp); 0: all of them
//       ledger           32   digest of the privacy ledger with this round; zeros: the session has no budget
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
#include <veilsum/privacy/noise_plan.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace veilsum::aggregation {

// The body of `round_opened`; layout and units in the description of the file.
struct round_header {
    std::uint64_t round = 0;
    hash::digest32 model{};         // digest of the model that updates refer to
    encoding::fixed_point format{}; // scale and clip
    encoding::layout_parameters layout{};
    proof_suite suite = proof_suite::plaintext_knowledge; // which proof a contribution carries
    std::uint16_t suite_version = 1;                      // of the suite's proof
    std::uint32_t minimum_cohort = 0;                     // contributions
    hash::digest32 roster{};                              // digest of the roster's body
    std::uint64_t opens_at = 0;                           // seconds; nothing is accepted before
    std::uint64_t closes_at = 0;                          // seconds; nothing is accepted after
    hash::digest32 key{};
    std::uint32_t model_number = 0; // which of the session's models
    std::uint32_t drawn = 0;        // clients drawn from the pool; 0: all
    hash::digest32 ledger{};        // digest of the privacy ledger with this round; zeros: none

    bool has_ledger() const { return ledger != hash::digest32{}; } // whether the session has a privacy budget

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
        out.fixed(key);
        out.u32(model_number);
        out.u32(drawn);
        out.fixed(ledger);
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
        header.key = in.array<32>();
        header.model_number = in.u32();
        header.drawn = in.u32();
        header.ledger = in.array<32>();
        if (auto end = in.finish(); !end) return end.error();
        header.format.value_bits = header.layout.b;
        return header;
    }
};

// What a session demands of its next round, from its record so far.
struct round_terms {
    hash::digest32 session{}; // its id
    hash::digest32 key{};     // of the ceremony in force
    exponent_policy policy = exponent_policy::short_exponent;
    std::uint64_t next_round = 1;             // number that the round must have
    std::uint32_t models = 0;                 // model numbers in use
    std::optional<hash::digest32> model = {}; // what the round's number has now; none before its first round
    std::size_t model_weights = 0;            // length of that model
};

// What everybody knows of an open round once it has passed the checks below: made by `check_round` only.
class round_facts {
  public:
    const round_header& header() const { return header_; } // the record's body
    const encoding::matrix_layout& layout() const { return layout_; }
    const roster& members() const { return roster_; } // who may contribute
    const hash::digest32& session() const { return session_; }
    const hash::digest32& key() const { return header_.key; }
    // SHA-256 of the record: in every proof and signature of the round.
    const hash::digest32& binding() const { return binding_; }
    // What each client adds to its update; empty in a session without a privacy budget.
    const std::optional<privacy::noise_plan>& noise() const { return noise_; }

    // Context of the transcript of one party's proof in this round (docs/spec/validity.md, 6.1).
    transcript::context context_of(const byte_array<32>& party) const {
        return {session_, header_.round, party, header_.key, layout_.digest(), binding_};
    }

  private:
    template <class Scheme>
    friend class session_register;
    template <class Scheme>
    friend result<round_facts> check_round(const round_header&, const hash::digest32&, const round_terms&,
                                           result<roster>);
    round_facts(round_header header, encoding::matrix_layout layout, roster members, hash::digest32 session,
                hash::digest32 binding)
        : header_(header), layout_(std::move(layout)), roster_(std::move(members)), session_(session),
          binding_(binding) {}
    round_header header_;
    encoding::matrix_layout layout_;
    roster roster_;
    hash::digest32 session_;
    hash::digest32 binding_;
    std::optional<privacy::noise_plan> noise_; // set by session_register, from the ledger
};

// Model numbers of a session: 0 to 15. All models are kept in memory by whoever follows a session.
inline constexpr std::uint32_t most_models = 16;

// Pre-flight. The aggregator runs it before it appends `round_opened`, everybody else before relying on that
// record. Checks, by number:
//   1  the round number is the next one;
//   2  the model number is at most the next one; the model is what it has now, of d weights;
//   3  the layout is valid for the session's scheme;
//   4  the key is the session's, and the exponent length its policy's;
//   5  every clipped update fits into b bits;
//   6  the proof suite is known, fits the options of the layout, and can prove as many ciphertexts;
//   7  the roster is the one that follows from the record (`members`, or why there is none);
//   8  no weight above wmax, and their sum at most m;
//   9  2 <= minimum cohort <= clients of the roster;
//  10  the round closes after it opens, and time goes on after that.
// Check 11, the privacy ledger, is session_register.hpp's.
template <class Scheme>
result<round_facts> check_round(const round_header& header, const hash::digest32& binding,
                                const round_terms& terms, result<roster> members) {
    const auto refuse = [](errc code, std::string_view what, std::uint32_t check) {
        return error{code, what, check};
    };
    if (header.round != terms.next_round) return refuse(errc::bad_parameter, "round number", 1);
    if (header.model_number > terms.models || header.model_number >= most_models)
        return refuse(errc::bad_parameter, "model number", 2);
    if (terms.model && *terms.model != header.model)
        return refuse(errc::mismatch, "model of the round is not the last round's result", 2);
    if (header.layout.d != terms.model_weights)
        return refuse(errc::bad_parameter, "number of model weights", 2);
    if (header.layout.nbits != Scheme::modulus_bits)
        return refuse(errc::bad_parameter, "modulus size of the layout", 3);
    auto layout = encoding::matrix_layout::create(header.layout, Scheme::modulus_bits);
    if (!layout) {
        const std::uint32_t rule = layout.error().check;
        return std::move(layout).error().in_check(3).at("layout rule " + std::to_string(rule));
    }
    if (header.key != terms.key) return refuse(errc::wrong_key, "key of the round", 4);
    if (header.layout.a != exponent_bits<Scheme>(terms.policy))
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
    if (!members) return std::move(members).error().in_check(7);
    if (members->digest() != header.roster) return refuse(errc::mismatch, "roster", 7);
    if (members->largest_weight() > header.layout.wmax)
        return refuse(errc::bad_parameter, "largest weight", 8);
    if (members->total_weight() > header.layout.m)
        return refuse(errc::bad_parameter, "sum of the weights", 8);
    if (header.minimum_cohort < 2) return refuse(errc::bad_parameter, "minimum cohort below 2", 9);
    if (header.minimum_cohort > members->size())
        return refuse(errc::bad_parameter, "minimum cohort above the roster", 9);
    if (header.closes_at <= header.opens_at || header.closes_at == std::numeric_limits<std::uint64_t>::max())
        return refuse(errc::bad_parameter, "closing time", 10);
    return round_facts(header, *std::move(layout), *std::move(members), terms.session, binding);
}

} // namespace veilsum::aggregation
