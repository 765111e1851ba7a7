// A page for people: the record of a session as a timeline, what the auditor said of it, and a script that
// checks log, tree and checkpoint again in the browser that opens the page.
//
// The page is one file without references to anything outside it. It holds
//   - the auditor's statement, as --json writes it, with what the record itself does not hold: the sizes of
//     the bodies and the time of writing. The page shows these as the program's word;
//   - the log file as it lies in the folder, byte for byte, up to a cap; the checkpoint; the ceremonies and
//     the last privacy ledger. Everything else that the page shows, its script reads from these bytes, and
//     checks them. Rosters are not among them: they follow from the record.
// So a page is also written for a log that is refused or cannot be read: it then shows how far it goes.
//
// A log that the statement names is read once more, to its end, and none is embedded but that very one: the
// folder may have changed since the audit.
//
// Memory: the embedded bytes and the index of the log, whatever the size of the bodies.
#pragma once

#include "support/files.hpp"

#include <veilsum/aggregation/auditor.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>

namespace audit_page {

// A log above this is embedded up to its last whole record below it, and the page says so.
inline constexpr std::size_t max_log_bytes = std::size_t{32} << 20;
// Ceremonies and ledger together; those above it are left out, and the page shows what is then unknown.
inline constexpr std::size_t max_bodies_bytes = std::size_t{4} << 20;

// `statement` is the verdict as --json writes it, or {"no_verdict": reason} where there is none; `summary` is
// the verdict's, which may name a log: errc::mismatch when the folder holds another one by now. Replaces
// `file`. Returns the digest of the page.
examples::result<veilsum::hash::digest32> write(const std::filesystem::path& file,
                                                const std::filesystem::path& folder, nlohmann::json statement,
                                                const veilsum::aggregation::audit_summary& summary);

} // namespace audit_page
