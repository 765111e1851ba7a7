// All clients of a stress run, one after the other, and a few who are not on the roster. While the aggregator
// checks one contribution the next is made; no more than two are in memory.
#pragma once

#include "stress/bent_client.hpp"
#include "stress/message_pipe.hpp"
#include "stress/process_report.hpp"
#include "stress/record_reader.hpp"
#include "stress/stress_plan.hpp"

#include <veilsum/aggregation/client.hpp>
#include <veilsum/audit/receipt.hpp>

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::stress {

template <class Scheme>
class clients_role {
    using client = aggregation::client<Scheme, aggregation::memory_outbox>;
    using message = aggregation::contribution_message;

    // What the aggregator has yet to answer.
    struct outstanding {
        std::string who, culprit;
        expected_answer expected;
        std::optional<aggregation::pending_contribution> honest;
    };

  public:
    explicit clients_role(const parameters& given)
        : given_(given), plan_(given),
          state_(fold<Scheme>(open_record(given), records_before_contributions(given), rng_)),
          encryptor_(std::make_shared<const typename client::encryptor>(state_.ceremony().key)) {}

    void play() {
        report_.lap("start");
        const double begun = processor_seconds();
        std::size_t done = 0;
        for (const std::size_t i : plan_.order()) {
            if (plan_.kind(i) == client_kind::honest)
                send_honest(i, done >= plan_.order().size() / 2);
            else
                send_bent(i);
            if (++done % (plan_.order().size() / 10 + 1) == 0)
                std::fprintf(stderr, "   %zu of %zu clients, %.1f s of processor time\n", done,
                             plan_.order().size(), processor_seconds() - begun);
        }
        hear();
        require(outsiders_came_, "no outsider has sent anything");
        pipe_.write(letter_kind::closing, closing_time + 2, {});
        const answer closed = pipe_.read_answer();
        require(closed.accepted, "the round could not be closed: " + closed.what);
        report_["messages"] = messages_;
        report_["receipts"] = receipts_;
        report_["answers"] = answers_;
        report_["unexpected"] = unexpected_;
        report_.write(given_.folder / "clients.json");
        require(unexpected_.empty(), std::to_string(unexpected_.size()) +
                                         " unexpected answers, the first to " +
                                         (unexpected_.empty() ? "" : unexpected_.front()));
    }

  private:
    const aggregation::round_facts& round() const { return state_.round(); }

    void send_honest(std::size_t i, bool intercepted) {
        auto sender =
            take(client::join(state_.facts(), encryptor_, plan_.identity(i), aggregation::memory_outbox()),
                 "client");
        auto made =
            take(sender.contribute(round(), stress_plan::as_floats(plan_.update(i)), rng_), "contribution");
        report_.lap("honest contributions");
        const bytes content = made.message().serialize();
        if (intercepted && !std::exchange(outsiders_came_, true)) send_as_outsiders(made.message());
        overheard_ = made.message();
        send(content, {"honest", "", accepted(), std::move(made)}, false);
    }
    void send_bent(std::size_t i) {
        const client_kind kind = plan_.kind(i);
        bent_client<Scheme> sender(state_.facts().header, round(), encryptor_, plan_.identity(i));
        const auto all = sender.messages(kind, plan_.update(i), plan_.update(i, 1), overheard_.value());
        report_.lap("cheats");
        const std::string culprit =
            reason_on_record(kind) != 0 ? aggregation::name_of(plan_.identity(i).verifying()) : std::string();
        for (std::size_t k = 0; k < all.size(); ++k) {
            const bool last = k + 1 == all.size();
            const expected_answer expected = last                               ? answer_to(kind)
                                             : kind == client_kind::equivocates ? accepted()
                                                                                : refused(errc::malformed, 7);
            const bool names = !expected.accepted && expected.check != 0;
            send(all[k],
                 {std::string(name_of(kind)), names ? culprit : std::string(), expected, std::nullopt},
                 kind == client_kind::late);
        }
    }
    // Before the honest client's own message arrives, which then counts all the same.
    void send_as_outsiders(const message& overheard) {
        bent_client<Scheme> sender(state_.facts().header, round(), encryptor_,
                                   sign::signing_key::generate(rng_));
        for (const auto kind : {outsider_kind::stranger, outsider_kind::framed, outsider_kind::swapped_body,
                                outsider_kind::garbage})
            send(sender.message_of(kind, overheard),
                 {std::string(name_of(kind)), "", answer_to(kind), std::nullopt}, false);
    }

    void send(const bytes& content, outstanding&& what, bool late) {
        hear();
        ++messages_;
        pipe_.write(letter_kind::contribution, late ? closing_time + 1 : opening_time + messages_, content);
        waiting_ = std::move(what);
    }
    // The answer to the message before.
    void hear() {
        if (!waiting_) return;
        const answer said = pipe_.read_answer();
        const outstanding asked = *std::exchange(waiting_, std::nullopt);
        bool right =
            said.accepted == asked.expected.accepted &&
            (said.accepted || (said.code == asked.expected.code && said.check == asked.expected.check));
        if (!asked.culprit.empty()) right = right && said.culprit == asked.culprit;
        if (right && asked.honest) {
            const auto receipt = audit::receipt::parse(said.receipt);
            right = receipt && asked.honest->confirm(*receipt);
            ++receipts_;
        }
        if (!asked.honest) answers_[asked.who].push_back(said.accepted ? "accepted" : said.what);
        if (!right) unexpected_.push_back(asked.who + ": " + (said.accepted ? "accepted" : said.what));
        report_.lap("receipts");
    }

    parameters given_;
    stress_plan plan_;
    random::system_random rng_;
    aggregation::session_state<Scheme> state_;
    std::shared_ptr<const typename client::encryptor> encryptor_;
    message_pipe pipe_;
    std::optional<message> overheard_; // what the last honest client sent
    std::optional<outstanding> waiting_;
    bool outsiders_came_ = false;
    std::uint64_t messages_ = 0, receipts_ = 0;
    std::map<std::string, std::vector<std::string>> answers_;
    std::vector<std::string> unexpected_;
    process_report report_;
};

} // namespace veilsum::stress
