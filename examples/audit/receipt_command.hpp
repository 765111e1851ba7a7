// `audit receipt` and `audit receipt-of`: receipts checked offline, and made from a record folder. Both need
// no key.
//
//     audit receipt FILE --session HEX                        what a client holds, checked by anybody
//     audit receipt-of FOLDER --record N --out FILE           that record N is on the log
//     audit receipt-of FOLDER --round R --client HEX --out FILE     that the client was not counted
//     audit receipt-of FOLDER --extends SIZE --out FILE       the newest checkpoint, for `receipt --later`
#pragma once

#include <veilsum/audit/policy_file.hpp>
#include <veilsum/core/result.hpp>

#include <filesystem>

namespace examples {

// argv[0] is the name of the command. Exit status: 0 accepted or written, 1 refused, 2 unusable input.
int receipt_command(int argc, char** argv);
int receipt_of_command(int argc, char** argv);

veilsum::result<veilsum::audit::witness_policy> read_witness_policy(const std::filesystem::path& file);

} // namespace examples
