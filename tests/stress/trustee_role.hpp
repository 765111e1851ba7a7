// One trustee of a stress run: reads the record from the beginning, checks all of it, answers.
#pragma once

#include "stress/message_pipe.hpp"
#include "stress/process_report.hpp"
#include "stress/record_reader.hpp"
#include "stress/stress_plan.hpp"
#include "support/ceremony_folder.hpp"

#include <veilsum/aggregation/trustee.hpp>

#include <string>
#include <utility>

namespace veilsum::stress {

template <class Scheme>
class trustee_role {
  public:
    explicit trustee_role(const parameters& given) : given_(given) {}

    void play() {
        const auto log = open_record(given_);
        auto state = fold<Scheme>(log, 1, rng_);
        auto secrets = take(examples::read_trustee<Scheme>(given_.keys(), given_.trustee, state.ceremony()),
                            "secrets of the trustee");
        const auto own = examples::trustee_folder(given_.keys(), given_.trustee);
        auto self = take(aggregation::trustee<Scheme>::join(
                             std::move(state), std::move(secrets.share), std::move(secrets.identity),
                             take(audit::journal::open(own / "journal"), "journal")),
                         "trustee");
        report_.lap("start");
        for (std::uint64_t i = 1; i < log.size(); ++i)
            take(self.follow(take(log.read(i), "record"), aggregation::bodies_of(log), rng_), "record");
        report_.lap("check the record");
        auto message = take(self.answer(rng_), "answer");
        report_.lap("partial decryption and proof");
        if (answers_wrongly(given_.trustee)) spoil(message, self.state());
        const bytes content = message.serialize();
        report_["message_bytes"] = content.size();
        pipe_.write(letter_kind::partial, 0, content);
        compare(pipe_.read_answer());
        report_.write(given_.folder / ("trustee-" + std::to_string(given_.trustee) + ".json"));
    }

  private:
    // Another response in the proof, signed as if it were right.
    void spoil(aggregation::partial_message& message, const aggregation::session_state<Scheme>& state) {
        message.body.back() ^= 1;
        message.header.body = hash::sha256(message.body);
        const auto secrets = take(
            examples::read_trustee<Scheme>(given_.keys(), given_.trustee, state.ceremony()), "signing key");
        message.header.signature =
            secrets.identity.sign(aggregation::partial_label,
                                  message.header.signed_message(state.round(), state.aggregate_digest()));
    }
    void compare(const answer& said) const {
        const std::string self = "trustee " + std::to_string(given_.trustee);
        if (!answers_wrongly(given_.trustee))
            require(said.accepted, "the aggregator refuses the answer: " + said.what);
        else
            require(!said.accepted && said.check == 6 && said.culprit == self,
                    "a wrong answer is not refused by check 6: " + said.what);
    }

    parameters given_;
    message_pipe pipe_;
    random::system_random rng_;
    process_report report_;
};

} // namespace veilsum::stress
