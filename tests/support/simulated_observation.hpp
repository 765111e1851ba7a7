// What a simulated session left behind, and the property that is asked of it.
//
// Two accounts are kept apart. `reference_round` says what should be on the record: it knows who cheats and
// which messages arrived when, and nothing of the library. `observed_round` is read from the record that the
// library wrote. `check_property` compares them; it is itself tested by planted bugs.
//
//     (a) results      each opened sum is the plain weighted sum of exactly the accepted updates
//     (b) culprits     who sent evidence against itself is on the record with that reason
//     (c) innocents    nobody else is: an honest client only as late when it was late, an honest trustee
//                      never
//     (d) agreement    the auditors accept; of a malicious aggregator they name step and culprit, or an
//     honest
//                      party holds evidence; no honest trustee answers for two products of a round
//     (e) liveness     enough clients and a quorum of trustees that were heard: the round has a result
//     (f) restarts     what the aggregator has acknowledged is on its log, at the place and with the receipt
//                      that it said; nobody is counted and nothing opened twice; an honest client signs one
//                      content a round
//
// All of it holds whoever is stopped and whenever. A message counts as taken in if its record was written
// before the aggregator was stopped; else it is lost as in the network.
//
// Not promised: that no two sets of one round reach a quorum when `2 t <= l + c`, with c corrupt trustees of
// l and quorum t. Trustees see only the log that they are shown, so each set can have its own honest ones
// (docs/spec/aggregation.md, section 6); (d) then asks only for evidence, the two checkpoints.
#pragma once

#include "support/simulated_plan.hpp"

#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/error.hpp>
#include <veilsum/hash/sha2.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace veilsum::test {

// What a message does to a round when the aggregator takes it in, if it comes in time and alone.
enum class effect : std::uint8_t { counts, evidence, dropped };

// A contribution message that was sent, as its sender knows it.
struct sent_contribution {
    std::size_t round = 0;
    std::size_t client = 0; // whose name is on it
    bool on_roster = true;
    bool authentic = false; // signed by that client for that round: late, it is evidence of that
    effect what = effect::dropped;
    std::uint16_t reason = 0;         // of evidence
    std::size_t content = 0;          // equal for equal signed contents
    std::vector<std::int32_t> values; // what it adds
    bool spoils = false;
};
// An answer that was sent.
struct sent_answer {
    std::size_t round = 0;
    std::uint32_t trustee = 0; // whose name is on it
    effect what = effect::dropped;
    int view = 0; // for which log it was made
    bool by_honest = false;
    hash::digest32 aggregate{};
};

// The protocol as a table, for one round.
class reference_round {
  public:
    reference_round(std::size_t round, std::uint64_t closes_at) : round_(round), closes_at_(closes_at) {}

    void contribution(const sent_contribution& message, std::size_t tag, std::uint64_t now);
    void withdraw(std::size_t client) {
        std::erase_if(accepted_, [&](auto& a) { return a.first == client; });
    }
    void answer(const sent_answer& message);

    const std::vector<std::pair<std::size_t, std::size_t>>& accepted() const {
        return accepted_;
    } // client, tag
    const std::map<std::size_t, std::uint16_t>& refused() const { return refused_; }
    const std::set<std::uint32_t>& answered() const { return valid_; }
    const std::set<std::uint32_t>& wrong() const { return wrong_; }

  private:
    std::size_t round_;
    std::uint64_t closes_at_;
    std::vector<std::pair<std::size_t, std::size_t>> accepted_;
    std::map<std::size_t, std::size_t> content_; // of accepted clients
    std::map<std::size_t, std::uint16_t> refused_;
    std::set<std::uint32_t> valid_, wrong_;
};

// The record of one round, clients by their place in the plan.
struct observed_round {
    bool closed = false;
    bool opened = false; // outcome 1
    std::vector<std::size_t> accepted, silent;
    std::vector<std::pair<std::size_t, std::uint16_t>> refused; // with reason
    std::vector<std::uint32_t> partials, wrong_partials;
    std::optional<std::vector<std::int64_t>> sums; // of a round with a result
    std::size_t results = 0;
};

// Somebody refused to follow a log or to answer.
struct observed_refusal {
    std::uint32_t trustee = 0;
    int view = 0;
    error reason{errc::malformed, ""};
    bool answering = false; // else following
};
struct observed_answer {
    std::uint32_t trustee = 0;
    std::size_t round = 0;
    int view = 0;
    hash::digest32 aggregate{};
};
struct observed_receipt {
    std::size_t client = 0;
    std::size_t round = 0;
    bool confirmed = false;
    bool still_there = false; // under the checkpoint of the final log
};

// A receipt that the aggregator gave away, whether or not it arrived.
struct observed_acknowledgement {
    std::size_t client = 0;
    std::size_t round = 0;
    std::uint64_t record = 0; // its number
    hash::digest32 content{}; // of the record
    hash::digest32 receipt{};
    bool kept = false; // in the log of the library's aggregator
};
struct restart_counts {
    std::size_t between_rounds = 0, collecting = 0, opening = 0, ended = 0; // the aggregator
    std::size_t clients = 0, trustees = 0;
    std::size_t aggregators() const { return between_rounds + collecting + opening + ended; }
};

struct observation {
    session_plan plan;
    bool attacked = false;             // the aggregator's attack was possible and was made
    std::optional<std::size_t> victim; // client
    std::vector<sent_contribution> contributions;
    std::vector<sent_answer> answers;
    std::vector<reference_round> reference;
    std::vector<observed_round> record;
    std::vector<observed_refusal> trustee_refusals;
    std::vector<observed_answer> honest_answers;
    std::vector<observed_receipt> receipts;
    std::vector<observed_acknowledgement> acknowledged;
    restart_counts restarts;
    std::optional<error> no_result;          // why a quorum did not give a result
    std::set<std::uint32_t> answered_second; // trustees whose answer for the second view arrived
    bool views_contradict = false;           // the two signed checkpoints cannot be of one log
    std::optional<std::string> accused;      // by the auditor: as named
    std::string expected_culprit;            // of the attack, by the plan
    aggregation::audit_verdict full;
    std::optional<aggregation::audit_verdict> light;
    std::set<std::string> honest_names; // of clients and trustees
    std::vector<std::string> trace;
};

struct violation {
    char part; // of the property
    std::string what;
};
std::vector<violation> check_property(const observation& seen);

} // namespace veilsum::test
