// Witness policy: a checkpoint counts when its log and at least k of n named witnesses signed it.
//
//     accepted  <=>  the log's signature verifies  and  |{ w : w cosigned at a time >= oldest }| >= k
//
// One log can show two faces to two verifiers. A witness signs only what continues what it signed before, so
// two faces need two disjoint sets of k witnesses, or a witness that breaks its word: choose k > n/2, and
// witnesses that do not answer to the log's owner.
//
//     const auto policy = witness_policy::of({{"witness.example/a", a}, {"witness.example/b", b}}, 2);
//     const auto tip = policy->verify(note, "example.org/log", log_key);
//
// A witness counts once, however many lines it has; its latest time is the one that is compared. The key of
// the log is nobody's witness.
//
// A line that names a listed witness and does not verify spoils the whole note (check 7), even where enough
// others remain. Reasons: this is what signed notes do with every known key, so all verifiers agree whatever
// their k; a line is either right or somebody is lying about a witness, which should be seen and not
// averaged away; and whoever could add a bad line in transit could as well take the good ones out. Lines by
// keys that are not listed are ignored.
//
// Checks, by number:
//   1 to 4  those of `verify_checkpoint`
//   5       the log is one that the policy lists, if it lists any     wrong_key
//   6       the log's key is no witness's                             duplicate
//   7       every line by a listed witness verifies                   bad_signature, out_of_range
//   8       at least k count                                          missing
// The place of 7 names line and witness, and nobody is blamed, since anybody can write a line; that of 8 says
// how many there are of how many.
//
// The library reads no clock: `oldest` is the caller's, in seconds of the POSIX epoch. Cost: an Ed25519
// verification for each line of a listed key, at most 100.
//
// spec: record, section 5.2; C2SP tlog-cosignature, C2SP tlog-policy (audit/policy_file.hpp).
#pragma once

#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/cosignature.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/audit/verifier_key.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::audit {

inline constexpr std::size_t max_policy_witnesses = 64; // below the signature lines of a note
inline constexpr std::size_t max_policy_logs = 32;      // log lines of a policy
static_assert(max_policy_witnesses < max_note_signatures);

// What a verified policy establishes: the checkpoint, and who counted.
struct witnessed_checkpoint {
    checkpoint tip;                     // what the log signed
    std::vector<std::string> witnesses; // in the order of the policy
};

class witness_policy {
  public:
    // `logs` empty: any log that the verifier names. Refused: no witness (missing), more than the caps
    // (overflow), a name that is no key name (malformed), a name or key twice (duplicate, place the name),
    // a threshold outside 1..n (out_of_range).
    static result<witness_policy> of(std::vector<verifier_key> witnesses, std::size_t threshold,
                                     std::vector<verifier_key> logs = {}) {
        if (witnesses.empty()) return error{errc::missing, "witness of the policy"};
        if (witnesses.size() > max_policy_witnesses) return error{errc::overflow, "witnesses of the policy"};
        if (logs.size() > max_policy_logs) return error{errc::overflow, "logs of the policy"};
        for (std::size_t i = 0; i < witnesses.size(); ++i) {
            const verifier_key& added = witnesses[i];
            if (!is_key_name(added.name)) return error{errc::malformed, "name of a witness"};
            for (std::size_t j = 0; j < i; ++j) {
                if (witnesses[j].name == added.name)
                    return error{errc::duplicate, "name of a witness", 0, added.name};
                if (witnesses[j].key == added.key)
                    return error{errc::duplicate, "key of a witness", 0, added.name};
            }
        }
        for (std::size_t i = 0; i < logs.size(); ++i) {
            if (!is_key_name(logs[i].name)) return error{errc::malformed, "name of a log"};
            for (std::size_t j = 0; j < i; ++j)
                if (logs[j].key == logs[i].key)
                    return error{errc::duplicate, "key of a log", 0, logs[i].name};
        }
        if (threshold < 1 || threshold > witnesses.size())
            return error{errc::out_of_range, "threshold of the policy"};
        return witness_policy(std::move(witnesses), threshold, std::move(logs));
    }

    std::size_t threshold() const { return threshold_; }                      // k
    const std::vector<verifier_key>& witnesses() const { return witnesses_; } // in the order of the policy
    const std::vector<verifier_key>& logs() const { return logs_; }           // empty: any

    // Checks 1 to 8 of the description of the file; `oldest` in seconds, 0: any time.
    result<witnessed_checkpoint> verify(std::string_view note, std::string_view origin,
                                        const sign::verifying_key& log_key, std::uint64_t oldest = 0) const {
        auto tip = verify_checkpoint(note, origin, log_key);
        if (!tip) return std::move(tip).error().by({}); // anybody can write a note
        const bool listed = std::any_of(logs_.begin(), logs_.end(), [&](const verifier_key& log) {
            return log.name == origin && log.key == log_key;
        });
        if (!logs_.empty() && !listed)
            return error{errc::wrong_key, "log is none of the policy's", 5, std::string(origin)};
        for (const verifier_key& witness : witnesses_)
            if (witness.key == log_key)
                return error{errc::duplicate, "log is its own witness", 6, witness.name};

        const auto parsed = parse_note(note);
        if (!parsed) return error(parsed.error()).in_check(1);
        witnessed_checkpoint found{*std::move(tip), {}};
        std::size_t stale = 0;
        for (const verifier_key& witness : witnesses_) {
            const auto time = verify_cosignature(*parsed, witness.name, witness.key);
            if (!time && time.error().code == errc::missing) continue;
            if (!time) // whose name stands there, and not who wrote it
                return error(time.error()).in_check(7).at(time.error().place + ", " + witness.name).by({});
            if (*time < oldest)
                ++stale;
            else
                found.witnesses.push_back(witness.name);
        }
        if (found.witnesses.size() < threshold_) {
            std::string count = std::to_string(found.witnesses.size()) + " of " + std::to_string(threshold_) +
                                " needed, " + std::to_string(witnesses_.size()) + " listed";
            if (stale > 0) count += ", " + std::to_string(stale) + " too old";
            return error{errc::missing, "cosignatures of witnesses", 8, std::move(count)};
        }
        return found;
    }

  private:
    witness_policy(std::vector<verifier_key> witnesses, std::size_t threshold, std::vector<verifier_key> logs)
        : witnesses_(std::move(witnesses)), threshold_(threshold), logs_(std::move(logs)) {}
    std::vector<verifier_key> witnesses_;
    std::size_t threshold_;
    std::vector<verifier_key> logs_;
};

} // namespace veilsum::audit
