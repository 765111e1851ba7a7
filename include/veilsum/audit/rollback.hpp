// Rollback: refuse a log that is shorter than, or different from, what is known of it.
//
//     root(first known.size records of the log) = known.root
//
// The log may be longer than the checkpoint: what lies past it is chained, but nobody has answered for it
// yet.
#pragma once

#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/merkle.hpp>
#include <veilsum/core/result.hpp>

#include <string>

namespace veilsum::audit {

// Checks: 1 the log has at least as many records (errc::missing); 2 the root at the checkpoint's size is the
// checkpoint's (errc::mismatch). Cost: log2(size) hashes.
inline result<void> check_covers(const merkle_tree& log, const checkpoint& known) {
    if (log.size() < known.size)
        return error{errc::missing, "records that the checkpoint covers", 1,
                     "record " + std::to_string(log.size())};
    if (log.root(known.size) != known.root)
        return error{errc::mismatch, "root of the log at the checkpoint's size", 2,
                     "size " + std::to_string(known.size)};
    return {};
}

} // namespace veilsum::audit
