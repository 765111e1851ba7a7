// Deals the key and opens session and round in a record on disk.
#pragma once

#include "stress/bent_client.hpp"
#include "stress/message_pipe.hpp"
#include "stress/process_report.hpp"
#include "stress/stress_plan.hpp"
#include "support/ceremony_folder.hpp"
#include "support/fixed_primes.hpp"

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/random/system_random.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace veilsum::stress {

inline sign::signing_key aggregator_key(const parameters& given) {
    test::seeded_random rng(given.seed ^ 0xa66'0000'0000);
    return sign::signing_key::from_seed(secret(random::random_bytes<32>(rng)));
}

template <class Scheme>
class setup_role {
    using collecting = aggregation::collecting_round<Scheme, audit::file_store>;

  public:
    explicit setup_role(const parameters& given) : given_(given), plan_(given) {}

    void play() {
        const auto dealt = deal();
        take(examples::write_ceremony<Scheme>(given_.keys(), dealt, {}, rng_), "keys");
        report_.lap("key and session");
        const collecting round = open_session(dealt.ceremony);
        const encoding::matrix_layout& layout = round.state().round().layout();
        report_["ciphertexts"] = layout.ciphertexts();
        report_["values_a_ciphertext"] = layout.slots();
        report_["columns"] = layout.columns();
        report_["rows"] = layout.data_rows();
        report_["audit_rows"] = layout.audit_rows();
        report_["honest"] = plan_.count(client_kind::honest);
        report_["silent"] = plan_.count(client_kind::silent);
        report_["cheats"] = plan_.cheats();
        report_.lap("key and session");
        try_one(dealt.ceremony, round);
        report_.write(given_.folder / "setup.json");
    }

  private:
    examples::dealt_ceremony<Scheme> deal() {
        const auto who = take(threshold::structure::create(quorum, trustees), "structure");
        return take(
            examples::ceremony_from_primes<Scheme>(test::fixed_prime_pair<Scheme::modulus_bits>(), who, rng_),
            "ceremony");
    }

    // Everything from an empty folder to a round that collects.
    collecting open_session(const aggregation::ceremony<Scheme>& ceremony) {
        auto store = take(audit::file_store::create(given_.record()), "record");
        auto session = take(aggregation::idle_session<Scheme, audit::file_store>::open(
                                std::move(store), ceremony, aggregation::exponent_policy::short_exponent,
                                "veilsum.example/stress", aggregator_key(given_), rng_),
                            "session");
        for (std::size_t i = 0; i < plan_.clients(); ++i) {
            const auto message =
                aggregation::sign_enrolment(plan_.identity(i), session.state().facts().id, 1, 0).message();
            take(session.enrol(message, rng_), "enrolment");
        }
        const auto start =
            take(aggregation::model::of(std::vector<float>(given_.dimension, 0.0F)), "first model");
        return take(std::move(session).open_round(header(), start, opening_time, rng_), "round");
    }

    aggregation::round_header header() const {
        aggregation::round_header made;
        made.format = {scale_bits, value_bits, clip_l2};
        auto& layout = made.layout;
        layout.nbits = static_cast<std::uint32_t>(Scheme::modulus_bits);
        layout.b = value_bits;
        layout.m =
            std::max<std::uint32_t>(1024, given_.clients); // so that smaller rounds have the same slots
        layout.wmax = 1;
        layout.d = given_.dimension;
        layout.flags = encoding::flag_audit | encoding::flag_l2;
        layout.B2 = encoding::norm_bound_bytes(
            encoding::squared_norm_bound(made.format, layout.d, encoding::rounding::nearest));
        layout.a = static_cast<std::uint32_t>(paillier::short_exponent::bits<Scheme::modulus_bits>);
        layout.md = encoding::smallest_digit_count(layout.b, layout.wmax);
        const auto slots =
            take(encoding::slot_layout::create(Scheme::plaintext_bits, layout.b, layout.m), "slots");
        layout.C = encoding::recommended_columns(layout.d, layout.b, slots.slots(), layout.md);
        made.suite = aggregation::proof_suite::validity;
        made.minimum_cohort = 2;
        made.opens_at = opening_time;
        made.closes_at = closing_time;
        return made;
    }

    // What one contribution costs; it is thrown away.
    void try_one(const aggregation::ceremony<Scheme>& ceremony, const collecting& round) {
        using client = aggregation::client<Scheme, aggregation::memory_outbox>;
        const auto encryptor = std::make_shared<const typename client::encryptor>(ceremony.key);
        const std::size_t who = plan_.order().front();
        report_.lap("tables");
        auto sender = take(
            client::join(round.state().facts(), encryptor, plan_.identity(who), aggregation::memory_outbox()),
            "client");
        const auto sent =
            take(sender.contribute(round.state().round(), stress_plan::as_floats(plan_.update(who)), rng_),
                 "contribution");
        report_.lap("make one");
        const aggregation::contribution_message& message = sent.message();
        const audit::record next{static_cast<std::uint16_t>(aggregation::record_type::contribution),
                                 aggregation::record_version, round.store().size(), round.store().head(),
                                 aggregation::contribution_record{message.header, opening_time}.serialize()};
        take(round.state()
                     .check(next,
                            aggregation::with_body(message.header.body, message.body,
                                                   aggregation::bodies_of(round.store())),
                            rng_)
                     .has_value()
                 ? result<void>{}
                 : result<void>(error{errc::bad_proof, "a contribution that was to be valid"}),
             "check");
        report_.lap("check one");
        report_["message_bytes"] = message.serialize().size();
    }

    parameters given_;
    stress_plan plan_;
    random::system_random rng_;
    process_report report_;
};

} // namespace veilsum::stress
