// Who answers for a record that is refused, for everybody who folds records.
//
// Whoever wrote a record answers for the checks that it should have made first, as apart from what is wrong
// with a message that somebody sent. An honest party is not named for what it did not sign; nobody is named
// when a body could not be read, or when this version cannot judge.  spec: aggregation, section 7
#pragma once

#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace veilsum::aggregation {

// Bodies of another reader, which must outlive this, and whether each that was asked for could be read.
class watched_bodies {
  public:
    explicit watched_bodies(const body_reader& from)
        : reader_([this, &from](const hash::digest32& digest, std::size_t max_bytes) {
              auto body = from(digest, max_bytes);
              complete_ = complete_ && body.has_value();
              return body;
          }) {}
    watched_bodies(const watched_bodies&) = delete;
    watched_bodies& operator=(const watched_bodies&) = delete;

    const body_reader& reader() const { return reader_; } // counts what it could not read
    bool complete() const { return complete_; }           // whether every body asked for could be read

  private:
    bool complete_ = true;
    body_reader reader_;
};

// The error with the number of the record in front of its place, and with who is at fault.
inline error refused_record(error reason, const audit::record& record, bool complete) {
    std::uint32_t last = 0; // checks of the header: sender, signature, time
    switch (static_cast<record_type>(record.type)) {
    case record_type::contribution:
    case record_type::refusal:
        last = 4;
        break;
    case record_type::partial:
    case record_type::partial_refusal:
        last = 3;
        break;
    default:
        break;
    }
    if (reason.code == errc::unsupported) {
        reason.culprit.clear();
    } else if ((reason.culprit.empty() && complete) || (last != 0 && reason.check <= last)) {
        reason.culprit = name_of_aggregator();
    }
    const std::string number = audit::record_place(record.sequence);
    reason.place = reason.place.empty() ? number : number + ", " + reason.place;
    return reason;
}

} // namespace veilsum::aggregation
