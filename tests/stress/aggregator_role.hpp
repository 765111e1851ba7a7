// The aggregator of a stress run: goes on from its record, answers what comes in.
#pragma once

#include "stress/message_pipe.hpp"
#include "stress/process_report.hpp"
#include "stress/setup_role.hpp"
#include "stress/stress_plan.hpp"

#include <veilsum/aggregation/resume.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/random/system_random.hpp>

#include <cstdint>
#include <utility>
#include <variant>

namespace veilsum::stress {

template <class Scheme>
class aggregator_role {
    using store = audit::file_store;

  public:
    explicit aggregator_role(const parameters& given) : given_(given) {}

    void play() {
        auto session = resume();
        report_.lap("start");
        report_.note_memory("start");
        auto opening = open_for_answers(collect(std::move(session)));
        report_.note_memory("closing");
        while (pipe_.read(next_)) {
            require(next_.kind == letter_kind::partial, "something else than a partial decryption");
            reply(opening.receive(next_.content, rng_));
        }
        report_.lap("check partial decryptions");
        report_.note_memory("partial decryptions");
        auto finished = take(std::move(opening).finish(rng_), "result");
        take(std::move(finished.session).end({}, rng_), "end of the session");
        report_.lap("result");
        report_.note_memory("result");
        report_["received_bytes"] = received_;
        report_.write(given_.folder / "aggregator.json");
    }

  private:
    aggregation::collecting_round<Scheme, store> resume() {
        auto opened = take(store::open_for_writing(given_.record()), "record");
        auto resumed = take(
            aggregation::resume_session<Scheme>(std::move(opened), aggregator_key(given_), rng_), "session");
        auto* round = std::get_if<aggregation::collecting_round<Scheme, store>>(&resumed);
        require(round != nullptr, "the round does not collect");
        return std::move(*round);
    }

    // Until the closing.
    aggregation::collecting_round<Scheme, store>
    collect(aggregation::collecting_round<Scheme, store>&& round) {
        for (std::uint64_t messages = 1; pipe_.read(next_); ++messages) {
            if (next_.kind == letter_kind::closing) {
                report_.lap("check contributions and record them");
                report_.note_memory("contributions");
                return std::move(round);
            }
            require(next_.kind == letter_kind::contribution, "something else than a contribution");
            received_ += next_.content.size();
            const auto receipt = round.receive(next_.content, next_.time, rng_);
            if (receipt)
                reply(result<void>{}, receipt->serialize());
            else
                reply(receipt.error());
            if (messages % (given_.clients / 10) == 0)
                report_["after_messages"].push_back({messages, resident_bytes("VmHWM:")});
        }
        throw std::runtime_error("the clients ended before the round was closed");
    }

    aggregation::opening_round<Scheme, store>
    open_for_answers(aggregation::collecting_round<Scheme, store>&& round) {
        auto closed = std::move(round).close(next_.time, rng_);
        if (!closed) reply(closed.error());
        auto next = take(std::move(closed), "closing");
        require(next.opening.has_value(), "the round is below its minimum cohort");
        reply(result<void>{});
        report_.lap("close");
        return *std::move(next.opening);
    }

    void reply(const result<void>& happened, bytes receipt = {}) {
        answer said = happened ? answer{} : answer::refusal(happened.error());
        said.receipt = std::move(receipt);
        pipe_.write(letter_kind::answer, 0, said.serialize());
    }

    parameters given_;
    message_pipe pipe_;
    letter next_;
    std::uint64_t received_ = 0;
    random::system_random rng_;
    process_report report_;
};

} // namespace veilsum::stress
