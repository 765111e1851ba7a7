// Everybody but the aggregator reads the record from the disk and folds it by itself.
#pragma once

#include "stress/message_pipe.hpp"
#include "stress/stress_plan.hpp"

#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/random/system_random.hpp>

#include <cstdint>
#include <utility>

namespace veilsum::stress {

// session_opened, the enrolments, round_opened.
inline std::uint64_t records_before_contributions(const parameters& given) {
    return std::uint64_t{given.clients} + 2;
}

// The state after the first `records`, each checked.
template <class Scheme>
aggregation::session_state<Scheme> fold(const audit::file_store& log, std::uint64_t records,
                                        random::system_random& rng) {
    const auto first = take(log.read(0), "first record");
    auto state =
        take(aggregation::session_state<Scheme>::open(first, aggregation::bodies_of(log)), "session");
    for (std::uint64_t i = 1; i < records; ++i)
        take(state.apply(take(log.read(i), "record"), aggregation::bodies_of(log), rng), "fold");
    return state;
}

inline audit::file_store open_record(const parameters& given) {
    return take(audit::file_store::open_for_reading(given.record()), "record");
}

} // namespace veilsum::stress
