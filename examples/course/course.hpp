// What the lessons have in common: results that end the program, and the types that they use.
#pragma once

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/deal_ceremony.hpp>
#include <veilsum/aggregation/plan_round.hpp>
#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/random/system_random.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace course {

namespace aggregation = veilsum::aggregation;
using scheme = veilsum::paillier::scheme<2048>; // the smallest size that is allowed

// The value, or the error's text on standard error and exit status 1.
template <class T>
T must(veilsum::result<T> got) {
    if (got) return std::move(*got);
    std::fprintf(stderr, "%s\n", got.error().describe().c_str());
    std::exit(1);
}
inline void must(const veilsum::result<void>& done) {
    if (done) return;
    std::fprintf(stderr, "%s\n", done.error().describe().c_str());
    std::exit(1);
}
// The text of a refusal that the lesson is about; a success is the failure here.
template <class T>
std::string refusal(const veilsum::result<T>& got) {
    if (!got) return got.error().describe();
    std::fprintf(stderr, "this should have been refused\n");
    std::exit(1);
}

// A trustee's journal for the length of a program. One that may be restarted needs audit::journal, on disk.
class memory_journal {
  public:
    veilsum::result<void> append(veilsum::byte_view entry) {
        entries_.emplace_back(entry.begin(), entry.end());
        return {};
    }
    const std::vector<veilsum::bytes>& entries() const { return entries_; }

  private:
    std::vector<veilsum::bytes> entries_;
};

using client = aggregation::client<scheme, aggregation::memory_outbox>;
using trustee = aggregation::trustee<scheme, memory_journal>;
using idle_session = aggregation::idle_session<scheme, veilsum::audit::memory_store>;
using collecting_round = aggregation::collecting_round<scheme, veilsum::audit::memory_store>;
using opening_round = aggregation::opening_round<scheme, veilsum::audit::memory_store>;

} // namespace course
