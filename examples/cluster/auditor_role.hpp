// The auditor as a process: follows the log while it is written, checks every record as an audit does, and
// keeps a whole copy, which `audit` accepts too. It holds no secret and sends nothing but questions.
#pragma once

#include "cluster/log_copy.hpp"
#include "cluster/options.hpp"
#include "cluster/process.hpp"
#include "cluster/roles.hpp"

#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/random/system_random.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace cluster {

inline milliseconds poll_time(const link_options& given) {
    return milliseconds(static_cast<std::int64_t>(1000 * given.poll));
}

template <class Scheme>
result<void> roles<Scheme>::auditor(const auditor_options& given, connection& link, log_copy& copy) {
    veilsum::random::system_random rng;
    std::optional<aggregation::session_state<Scheme>> state;
    const auto check = [&](const audit::record& record,
                           const aggregation::body_reader& bodies) -> result<void> {
        if (record.sequence == 0) {
            auto opened = aggregation::session_state<Scheme>::open(record, bodies);
            if (!opened) return opened.error();
            state.emplace(*std::move(opened));
        } else if (auto good = state->apply(record, bodies, rng); !good) {
            return good;
        }
        std::printf("checked      record %llu, %s\n", static_cast<unsigned long long>(record.sequence),
                    std::string(name_of(static_cast<aggregation::record_type>(record.type))).c_str());
        std::fflush(stdout);
        return {};
    };
    if (auto known = copy.replay(link, check); !known) return known;
    while (!stop_asked()) {
        if (auto read = copy.advance(link, check); !read) return read;
        if (!copy.is_complete()) continue;
        if (state->phase() == aggregation::session_phase::ended) {
            std::printf("session      closed, %llu records are right\n",
                        static_cast<unsigned long long>(copy.store().size()));
            return {};
        }
        pause_for(poll_time(given.link));
    }
    return {};
}

} // namespace cluster
