// The lengths of what is sent and kept in a round.
#pragma once

#include <cstddef>

namespace veilsum::bench {

struct round_bytes {
    std::size_t contribution = 0, answer = 0; // one message
    std::size_t model = 0;                    // what each client reads before it trains
    std::size_t aggregate = 0, opening = 0;   // bodies of the record
    std::size_t contribution_entry = 0;       // one entry of the log

    bool operator==(const round_bytes&) const = default;
};

} // namespace veilsum::bench
