// A witness policy as a text file, readable by and from other implementations of C2SP tlog-policy.
//
//     # who may vouch for a session's log
//     log        <vkey> [<url>]                        0 to 32 lines; the key name is the log's origin
//     witness    <name> <vkey> [<url>]                 at most 64 lines
//     group      <name> <k | any | all> <name>...      k of these witnesses; at most 32 lines
//     quorum     <name>                                exactly one: a group, or a single witness
//
// A name means nothing outside of the file and is defined on a line before it is used. Items are separated by
// spaces and tabs, lines end in a newline; empty lines and lines whose first item begins with `#` are
// skipped. Bytes allowed: tab, newline, 0x20 to 0x7E, 0x80 to 0xFF. URLs are not read.
//
// The policy that results is the quorum's: its witnesses and its k. Witnesses outside of the quorum are
// checked for form only. Caps: 64 KiB. `place` of an error is the line, counted from 1.
//
// spec: record, section 5.3; C2SP tlog-policy, https://c2sp.org/tlog-policy.
// deviation: `quorum none` is refused (unsupported): a policy without witnesses is not asked for by giving a
// policy. deviation: a group within a group is refused (unsupported); the policy is k of n. deviation: two
// witnesses with one key name are refused (duplicate), because verdicts name witnesses by it.
#pragma once

#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/audit/verifier_key.hpp>
#include <veilsum/audit/witness_policy.hpp>
#include <veilsum/core/result.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::audit {

inline constexpr std::size_t max_policy_bytes = std::size_t{1} << 16; // of the file
inline constexpr std::size_t max_policy_groups = 32;                  // nested or not, in one policy

namespace policy_detail {

inline bool is_policy_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte == '\t' || byte == '\n' || (byte >= 0x20 && byte != 0x7f);
    });
}

inline std::vector<std::string_view> items_of(std::string_view line) {
    std::vector<std::string_view> items;
    for (std::size_t at = line.find_first_not_of(" \t"); at != std::string_view::npos;
         at = line.find_first_not_of(" \t", at)) {
        const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
        items.push_back(line.substr(at, end - at));
        at = end;
    }
    return items;
}

// The lines read so far.
class reader {
  public:
    result<void> take(const std::vector<std::string_view>& items) {
        const std::string_view keyword = items.front();
        if (keyword == "log") return take_log(items);
        if (keyword == "witness") return take_witness(items);
        if (keyword == "group") return take_group(items);
        if (keyword == "quorum") return take_quorum(items);
        return error{errc::malformed, "keyword of a policy line"};
    }
    result<witness_policy> finish() && {
        if (!quorum_) return error{errc::missing, "quorum line of the policy"};
        std::vector<verifier_key> chosen;
        for (const std::size_t member : quorum_->members) chosen.push_back(witnesses_[member]);
        return witness_policy::of(std::move(chosen), quorum_->threshold, std::move(logs_));
    }

  private:
    struct group {
        std::size_t threshold;
        std::vector<std::size_t> members;
    };
    using items_view = const std::vector<std::string_view>&;

    result<void> take_log(items_view items) {
        if (items.size() < 2 || items.size() > 3) return error{errc::malformed, "items of a log line"};
        if (logs_.size() == max_policy_logs) return error{errc::overflow, "log lines of the policy"};
        auto log = parse_verifier_key(items[1], note_key_type::ed25519);
        if (!log) return log.error();
        for (const verifier_key& other : logs_)
            if (other.key == log->key) return error{errc::duplicate, "key of a log"};
        logs_.push_back(*std::move(log));
        return {};
    }
    result<void> take_witness(items_view items) {
        if (items.size() < 3 || items.size() > 4) return error{errc::malformed, "items of a witness line"};
        if (witnesses_.size() == max_policy_witnesses)
            return error{errc::overflow, "witness lines of the policy"};
        if (auto free = check_new_name(items[1]); !free) return free;
        auto witness = parse_verifier_key(items[2], note_key_type::cosignature_v1);
        if (!witness) return witness.error();
        for (const verifier_key& other : witnesses_) {
            if (other.key == witness->key) return error{errc::duplicate, "key of a witness"};
            if (other.name == witness->name) return error{errc::duplicate, "name of a witness"};
        }
        witness_names_.emplace(items[1], witnesses_.size());
        witnesses_.push_back(*std::move(witness));
        return {};
    }
    result<void> take_group(items_view items) {
        if (items.size() < 4) return error{errc::malformed, "items of a group line"};
        if (groups_.size() == max_policy_groups) return error{errc::overflow, "group lines of the policy"};
        if (auto free = check_new_name(items[1]); !free) return free;
        group made{0, {}};
        for (std::size_t i = 3; i < items.size(); ++i) {
            if (groups_.count(items[i]) != 0) return error{errc::unsupported, "group within a group"};
            const auto member = witness_names_.find(items[i]);
            if (member == witness_names_.end()) return error{errc::missing, "member of a group"};
            if (std::find(made.members.begin(), made.members.end(), member->second) != made.members.end())
                return error{errc::duplicate, "member of a group"};
            made.members.push_back(member->second);
        }
        const std::optional<std::uint64_t> threshold = items[2] == "any"   ? std::uint64_t{1}
                                                       : items[2] == "all" ? made.members.size()
                                                                           : from_decimal(items[2]);
        if (!threshold) return error{errc::malformed, "threshold of a group"};
        if (*threshold < 1 || *threshold > made.members.size())
            return error{errc::out_of_range, "threshold of a group"};
        made.threshold = static_cast<std::size_t>(*threshold);
        groups_.emplace(items[1], std::move(made));
        return {};
    }
    result<void> take_quorum(items_view items) {
        if (items.size() != 2) return error{errc::malformed, "items of a quorum line"};
        if (quorum_) return error{errc::duplicate, "quorum line of the policy"};
        if (items[1] == "none") return error{errc::unsupported, "quorum without witnesses"};
        if (const auto one = witness_names_.find(items[1]); one != witness_names_.end())
            quorum_ = group{1, {one->second}};
        else if (const auto some = groups_.find(items[1]); some != groups_.end())
            quorum_ = some->second;
        else
            return error{errc::missing, "name of the quorum"};
        return {};
    }
    result<void> check_new_name(std::string_view name) const {
        if (name == "none") return error{errc::malformed, "reserved name"};
        if (witness_names_.count(name) != 0 || groups_.count(name) != 0)
            return error{errc::duplicate, "name of a policy line"};
        return {};
    }

    std::vector<verifier_key> logs_;
    std::vector<verifier_key> witnesses_;
    std::map<std::string_view, std::size_t> witness_names_; // into the text, which outlives this
    std::map<std::string_view, group> groups_;
    std::optional<group> quorum_;
};

} // namespace policy_detail

// Errors: malformed, duplicate, missing, out_of_range, overflow or unsupported by what is wrong, place "line
// 3" where one line is.
inline result<witness_policy> parse_witness_policy(std::string_view text) {
    if (text.size() > max_policy_bytes) return error{errc::overflow, "length of the policy"};
    if (!policy_detail::is_policy_text(text)) return error{errc::malformed, "characters of the policy"};
    if (!text.empty() && text.back() != '\n') return error{errc::malformed, "end of the policy"};
    policy_detail::reader lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const auto items = policy_detail::items_of(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (items.empty() || items.front().front() == '#') continue;
        if (auto taken = lines.take(items); !taken)
            return error(taken.error()).at("line " + std::to_string(number));
    }
    return std::move(lines).finish();
}

} // namespace veilsum::audit
