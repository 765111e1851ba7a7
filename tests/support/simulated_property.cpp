#include "support/simulated_observation.hpp"

#include <algorithm>

namespace veilsum::test {

void reference_round::contribution(const sent_contribution& message, std::size_t tag, std::uint64_t now) {
    if (message.round != round_ || !message.on_roster ||
        (message.what == effect::dropped && !message.authentic))
        return;
    const std::size_t client = message.client;
    if (refused_.contains(client)) return;
    if (const auto earlier = content_.find(client); earlier != content_.end()) {
        if (earlier->second == message.content) return;
        withdraw(client);
        content_.erase(client);
        refused_[client] = 12;
    } else if (now > closes_at_) {
        refused_[client] = 4;
    } else if (message.what == effect::dropped) {
        return;
    } else if (message.what == effect::evidence) {
        refused_[client] = message.reason;
    } else {
        accepted_.emplace_back(client, tag);
        content_[client] = message.content;
    }
}

void reference_round::answer(const sent_answer& message) {
    if (message.round != round_ || message.what == effect::dropped) return;
    if (valid_.contains(message.trustee) || wrong_.contains(message.trustee)) return;
    (message.what == effect::counts ? valid_ : wrong_).insert(message.trustee);
}

namespace {

// What the auditors must say of an attack that was made: step of the full audit, and of the light one where
// that looks at all; 0 where the record itself is in order.
struct expectation {
    int full;
    int light; // -1: not said
};
expectation expected_of(aggregator_kind kind) {
    switch (kind) {
    case aggregator_kind::doubles:
    case aggregator_kind::alters:
        return {5, 5};
    case aggregator_kind::unverified:
        return {5, -1}; // a row that does not decode, or nothing that the light audit reads
    case aggregator_kind::closes_early:
    case aggregator_kind::wrong_list:
        return {7, 7};
    case aggregator_kind::refuses_valid:
        return {6, 0};
    case aggregator_kind::wrong_product:
        return {7, 0};
    case aggregator_kind::refuses_partial:
        return {9, 0};
    case aggregator_kind::wrong_result:
    case aggregator_kind::result_unasked:
        return {10, 11};
    case aggregator_kind::honest:
    case aggregator_kind::drops_unrecorded:
    case aggregator_kind::drops_recorded:
    case aggregator_kind::split_view:
    case aggregator_kind::second_opening:
        break;
    }
    return {0, 0};
}

class checker {
  public:
    explicit checker(const observation& seen) : seen_(seen) {}

    std::vector<violation> run() {
        const expectation expected = seen_.attacked ? expected_of(seen_.plan.aggregator) : expectation{0, 0};
        verdict('d', "full audit", seen_.full, expected.full, true);
        if (seen_.light) verdict('d', "light audit", *seen_.light, expected.light, false);
        const bool in_order = expected.full == 0;
        for (std::size_t round = 0; round < seen_.reference.size(); ++round) {
            const bool last = round + 1 == seen_.reference.size();
            if (in_order || !last) compare_round(round);
        }
        if (!in_order) nobody_answers();
        receipts(in_order);
        restarts();
        one_product_a_round();
        if (seen_.attacked) two_views();
        return std::move(found_);
    }

  private:
    void fail(char part, std::string what) { found_.push_back({part, std::move(what)}); }
    static std::string at(std::size_t round) { return "round " + std::to_string(round + 1) + ": "; }

    void verdict(char part, const std::string& which, const aggregation::audit_verdict& given, int step,
                 bool strict) {
        if (given.accepted()) {
            if (step > 0) fail(part, which + " accepts, expected step " + std::to_string(step));
            return;
        }
        const auto& failure = *given.failure;
        const std::string said =
            "step " + std::to_string(static_cast<int>(failure.step)) + ", " + failure.reason.describe();
        if (seen_.honest_names.contains(failure.reason.culprit))
            fail('c', which + " names an honest party: " + said);
        if (step == 0) fail(part, which + " refuses: " + said);
        if (step > 0 && static_cast<int>(failure.step) != step)
            fail(part, which + " refuses at " + said + "; expected step " + std::to_string(step));
        if (strict && step > 0 && failure.reason.culprit != seen_.expected_culprit)
            fail(part, which + " names '" + failure.reason.culprit + "', expected '" +
                           seen_.expected_culprit + "'");
    }

    void compare_round(std::size_t round) {
        const reference_round& should = seen_.reference[round];
        if (round >= seen_.record.size()) {
            fail('e', at(round) + "not on the record");
            return;
        }
        const observed_round& is = seen_.record[round];
        if (!is.closed) fail('e', at(round) + "not closed");

        std::vector<std::size_t> accepted;
        for (const auto& [client, tag] : should.accepted()) accepted.push_back(client);
        if (is.accepted != accepted) fail('a', at(round) + "other clients accepted than should be");
        std::map<std::size_t, std::uint16_t> refused;
        for (const auto& [client, reason] : is.refused) {
            const auto expected = should.refused().find(client);
            if (expected == should.refused().end())
                fail('c', at(round) + "client " + std::to_string(client) + " refused for " +
                              std::to_string(reason) + " without having sent evidence");
            else if (expected->second != reason)
                fail('b', at(round) + "client " + std::to_string(client) + " refused for " +
                              std::to_string(reason) + ", expected " + std::to_string(expected->second));
            refused[client] = reason;
            if (seen_.plan.clients[round][client] == client_kind::honest && reason != 4)
                fail('c', at(round) + "honest client " + std::to_string(client) + " refused for " +
                              std::to_string(reason));
        }
        for (const auto& [client, reason] : should.refused())
            if (!refused.contains(client))
                fail('b', at(round) + "client " + std::to_string(client) + " not refused, expected reason " +
                              std::to_string(reason));
        for (std::size_t client = 0; client < seen_.plan.weights.size(); ++client) {
            const bool heard = refused.contains(client) ||
                               std::find(accepted.begin(), accepted.end(), client) != accepted.end();
            const bool silent = std::find(is.silent.begin(), is.silent.end(), client) != is.silent.end();
            if (is.closed && heard == silent)
                fail('c', at(round) + "client " + std::to_string(client) +
                              (heard ? " is silent and was heard" : " is in no list of the closing"));
        }

        const bool cohort = accepted.size() >= seen_.plan.minimum_cohort;
        if (is.closed && is.opened != cohort) fail('a', at(round) + "wrong outcome");
        compare_answers(round, is, should);
        compare_sums(round, is, should, cohort);
    }

    void compare_answers(std::size_t round, const observed_round& is, const reference_round& should) {
        for (const std::uint32_t trustee : is.wrong_partials)
            if (!should.wrong().contains(trustee))
                fail('c', at(round) + "trustee " + std::to_string(trustee) +
                              " named for an answer that it did not give");
        for (const std::uint32_t trustee : should.wrong())
            if (std::find(is.wrong_partials.begin(), is.wrong_partials.end(), trustee) ==
                is.wrong_partials.end())
                fail('b',
                     at(round) + "wrong answer of trustee " + std::to_string(trustee) + " not on the record");
        const std::set<std::uint32_t> counted(is.partials.begin(), is.partials.end());
        if (counted != should.answered()) fail('b', at(round) + "other answers counted than arrived");
    }

    void compare_sums(std::size_t round, const observed_round& is, const reference_round& should,
                      bool cohort) {
        bool spoiled = false;
        std::vector<std::int64_t> sums;
        for (const auto& [client, tag] : should.accepted()) {
            const sent_contribution& sent = seen_.contributions[tag];
            spoiled = spoiled || sent.spoils;
            sums.resize(std::max(sums.size(), sent.values.size()));
            for (std::size_t j = 0; j < sent.values.size(); ++j)
                sums[j] += std::int64_t{seen_.plan.weights[client]} * sent.values[j];
        }
        const bool possible = cohort && should.answered().size() >= seen_.plan.quorum;
        if (is.sums) {
            if (!possible) fail('a', at(round) + "a result without cohort or quorum");
            if (spoiled) fail('a', at(round) + "a result of a spoiled round");
            if (*is.sums != sums) fail('a', at(round) + "the opened sum is not the plain sum");
        } else if (possible && !spoiled) {
            fail('e', at(round) + "no result: " +
                          (seen_.no_result ? seen_.no_result->describe() : "nobody says why"));
        } else if (possible && spoiled) {
            if (!seen_.no_result || seen_.no_result->what != "opening of the row commitments")
                fail('d', at(round) + "a spoiled round fails another check");
            else if (!seen_.no_result->culprit.empty())
                fail('c', at(round) + "somebody is named for a spoiled round");
        }
        // Without faults of the network everybody honest is heard.
        const network_faults& network = seen_.plan.network;
        if (network.loss != 0 || network.slow != 0) return;
        for (std::size_t client = 0; client < seen_.plan.weights.size(); ++client) {
            const bool dropped =
                seen_.attacked && round + 1 == seen_.reference.size() && seen_.victim == client;
            if (seen_.plan.clients[round][client] == client_kind::honest && !dropped &&
                std::find(is.accepted.begin(), is.accepted.end(), client) == is.accepted.end())
                fail('e', at(round) + "honest client " + std::to_string(client) + " was not accepted");
        }
        std::size_t honest = 0;
        for (const trustee_kind kind : seen_.plan.trustee_kinds) honest += kind == trustee_kind::honest;
        const bool one_view = !seen_.attacked || (seen_.plan.aggregator != aggregator_kind::split_view &&
                                                  seen_.plan.aggregator != aggregator_kind::drops_recorded);
        if (cohort && !spoiled && one_view && honest >= seen_.plan.quorum && !is.sums)
            fail('e', at(round) + "no result with a quorum of honest trustees and a perfect network");
    }

    // A record that is not in order: no honest trustee answers from the last round on, and whoever is shown
    // it names the aggregator or the client that signed.
    void nobody_answers() {
        const bool before_opening = expected_of(seen_.plan.aggregator).full < 8;
        for (const observed_answer& answer : seen_.honest_answers)
            if (before_opening && answer.round + 1 == seen_.plan.rounds())
                fail('d',
                     "trustee " + std::to_string(answer.trustee) + " answers for a record that is wrong");
        for (const observed_refusal& refusal : seen_.trustee_refusals)
            if (seen_.honest_names.contains(refusal.reason.culprit))
                fail('c', "trustee " + std::to_string(refusal.trustee) +
                              " names an honest party: " + refusal.reason.describe());
    }

    void receipts(bool in_order) {
        const bool rewritten = seen_.attacked && seen_.plan.aggregator == aggregator_kind::drops_recorded;
        bool noticed = false;
        for (const observed_receipt& receipt : seen_.receipts) {
            if (!receipt.confirmed) fail('d', "a receipt of an accepted contribution does not verify");
            if (in_order && !rewritten && !receipt.still_there)
                fail('d', "client " + std::to_string(receipt.client) + ": the log denies its receipt");
            noticed = noticed || (receipt.client == seen_.victim && !receipt.still_there);
        }
        if (rewritten && !noticed) fail('d', "a client with a receipt was left out and holds no evidence");
    }

    void restarts() {
        std::map<std::pair<std::size_t, std::size_t>, hash::digest32> given; // round, client
        for (const observed_acknowledgement& each : seen_.acknowledged) {
            const std::string client = at(each.round) + "client " + std::to_string(each.client);
            if (!each.kept) fail('f', client + ": what was acknowledged is not on the log");
            const auto [before, first] = given.try_emplace({each.round, each.client}, each.receipt);
            if (!first && before->second != each.receipt) fail('f', client + " was given two receipts");
        }
        std::map<std::pair<std::size_t, std::size_t>, std::size_t> content;
        for (const sent_contribution& sent : seen_.contributions) {
            if (!sent.on_roster || !sent.authentic ||
                seen_.plan.clients[sent.round][sent.client] != client_kind::honest)
                continue;
            const auto [before, first] = content.try_emplace({sent.round, sent.client}, sent.content);
            if (!first && before->second != sent.content)
                fail('f', at(sent.round) + "honest client " + std::to_string(sent.client) +
                              " signed two contributions");
        }
        for (std::size_t round = 0; round < seen_.record.size(); ++round) {
            const observed_round& is = seen_.record[round];
            if (std::set(is.accepted.begin(), is.accepted.end()).size() != is.accepted.size())
                if (!seen_.attacked) fail('f', at(round) + "somebody is counted twice");
            if (is.results > 1) fail('f', at(round) + "opened twice");
        }
    }

    void one_product_a_round() {
        std::map<std::pair<std::uint32_t, std::size_t>, hash::digest32> answered;
        for (const observed_answer& answer : seen_.honest_answers) {
            const auto [before, first] =
                answered.try_emplace({answer.trustee, answer.round}, answer.aggregate);
            if (!first && before->second != answer.aggregate)
                fail('d', at(answer.round) + "trustee " + std::to_string(answer.trustee) +
                              " answers for two products");
        }
        for (const observed_refusal& refusal : seen_.trustee_refusals) {
            const bool known = seen_.attacked || refusal.reason.what == "no round is open for decryption";
            if (!known)
                fail('d', "trustee " + std::to_string(refusal.trustee) +
                              " refuses an honest log: " + refusal.reason.describe());
        }
    }

    // Two closings of one round for different trustees.
    void two_views() {
        const session_plan& plan = seen_.plan;
        if (plan.aggregator != aggregator_kind::split_view &&
            plan.aggregator != aggregator_kind::second_opening)
            return;
        if (!seen_.views_contradict) fail('d', "the checkpoints of two views do not contradict each other");
        std::uint32_t corrupt = 0;
        for (const trustee_kind kind : plan.trustee_kinds) corrupt += kind != trustee_kind::honest;
        const bool first = seen_.reference.back().answered().size() >= plan.quorum;
        const bool second = seen_.answered_second.size() >= plan.quorum;
        if (first && second && 2 * plan.quorum > plan.trustees + corrupt)
            fail('d', "two sets of one round reached a quorum");
    }

    const observation& seen_;
    std::vector<violation> found_;
};

} // namespace

std::vector<violation> check_property(const observation& seen) {
    return checker(seen).run();
}

} // namespace veilsum::test
