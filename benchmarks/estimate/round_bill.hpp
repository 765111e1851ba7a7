// What a round costs its parties, in processor time and in bytes.
#pragma once

#include "support/round_bytes.hpp"
#include "support/round_step.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace veilsum::bench {

struct round_bill {
    std::uint64_t clients = 0, quorum = 0;
    by_step<double> seconds; // each time
    round_bytes bytes;
    double start_seconds = 0; // of the session, each party: checking the ceremony
    double table_seconds = 0; // of the session, each client: its table for encryption
    double audit_seconds = 0; // by one auditor, the ceremony included

    // How often a step is done in a round, by all parties.
    std::uint64_t times(round_step step) const {
        switch (step) {
        case round_step::contribute:
        case round_step::receive:
            return clients;
        case round_step::follow:
            return clients * quorum;
        case round_step::follow_opening:
        case round_step::follow_closing:
        case round_step::answer:
        case round_step::receive_answer:
            return quorum;
        case round_step::open_round:
        case round_step::close:
        case round_step::finish:
            break;
        }
        return 1;
    }
    double of_all(round_step step) const { return static_cast<double>(times(step)) * seconds[step]; }
    double total_seconds() const {
        double sum = 0;
        for (std::size_t i = 0; i < round_steps; ++i) sum += of_all(static_cast<round_step>(i));
        return sum;
    }
    // From the opening to the result with one core a party, if clients work at the same time and trustees
    // check contributions as they arrive.
    double elapsed_seconds() const {
        const auto m = static_cast<double>(clients);
        return seconds[round_step::open_round] + seconds[round_step::contribute] +
               m * std::max(seconds[round_step::receive], seconds[round_step::follow]) +
               seconds[round_step::close] + seconds[round_step::follow_closing] +
               seconds[round_step::answer] + of_all(round_step::receive_answer) + seconds[round_step::finish];
    }
    // An auditor does what a trustee does, and checks the answers and the result.
    double audit_of_steps() const {
        return start_seconds + seconds[round_step::follow_opening] +
               static_cast<double>(clients) * seconds[round_step::follow] +
               seconds[round_step::follow_closing] + of_all(round_step::receive_answer) +
               seconds[round_step::finish];
    }
    std::uint64_t record_bytes() const {
        return clients * (bytes.contribution + bytes.contribution_entry) + bytes.aggregate +
               quorum * bytes.answer + bytes.opening + bytes.model;
    }
};

} // namespace veilsum::bench
