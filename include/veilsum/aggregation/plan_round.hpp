// Planning a round: from what a person decides to the parameter set that the round's header carries.
//
//     const encoding::fixed_point format{12, 16, 4.0};               2^-12 a unit, 16 bits, clipped to norm 4
//     auto header = plan_round<scheme>(session.state().standing(), format, weights, 3, now, now + 3600);
//     auto round = std::move(session).open_round(*header, model, now, rng);
//
// The header asks for full validity proofs (suite 2) with norm bound and audit rows, one sum of the clients
// that are in the pool now with the weights they have now. For sessions with a privacy budget, drawn cohorts
// or room for clients that join later, start from this header and change what differs: `open_round` checks
// all of it.
//
// Errors: no client in the pool (errc::missing); those of encoding/plan_layout.hpp.
#pragma once

#include <veilsum/aggregation/proof_suite.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/aggregation/session_register.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/encoding/plan_layout.hpp>

#include <cstddef>
#include <cstdint>

namespace veilsum::aggregation {

// `values` numbers in an update, which is rounded to nearest. Times in seconds.
template <class Scheme>
result<round_header> plan_round(const session_register<Scheme>& standing, const encoding::fixed_point& format,
                                std::size_t values, std::uint32_t minimum_cohort, std::uint64_t opens_at,
                                std::uint64_t closes_at) {
    const auto members = standing.roster_of_next(0);
    if (!members) return members.error();
    const auto layout =
        encoding::plan_layout({.format = format,
                               .values = values,
                               .total_weight = members->total_weight(),
                               .largest_weight = members->largest_weight(),
                               .modulus_bits = Scheme::modulus_bits,
                               .exponent_bits = exponent_bits<Scheme>(standing.facts().header.policy)});
    if (!layout) return layout.error();

    round_header header;
    header.format = format;
    header.suite = proof_suite::validity;
    header.minimum_cohort = minimum_cohort;
    header.opens_at = opens_at;
    header.closes_at = closes_at;
    header.layout = layout->parameters();
    return header;
}

} // namespace veilsum::aggregation
