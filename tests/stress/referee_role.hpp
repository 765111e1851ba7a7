// Compares the record of a stress run with its plan: who is counted, refused for what, silent, and whether
// what was opened is the sum of the updates of those who are counted, in plain integers.
#pragma once

#include "stress/message_pipe.hpp"
#include "stress/process_report.hpp"
#include "stress/record_reader.hpp"
#include "stress/stress_plan.hpp"

#include <veilsum/aggregation/opening.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::stress {

template <class Scheme>
class referee_role {
    using names = std::set<byte_array<32>>;

  public:
    explicit referee_role(const parameters& given) : given_(given), plan_(given) {}

    void play() {
        read_record();
        expect();
        plant();
        require(closed_.has_value() && opened_.has_value() && ended_, "the record has no result");
        require(as_set(closed_->accepted) == counted_ && closed_->accepted.size() == counted_.size(),
                "wrong: who is counted");
        require(refused_ == to_refuse_, "wrong: who is refused, and for what");
        names named;
        for (const auto& [client, reason] : to_refuse_) named.insert(client);
        require(as_set(closed_->refused) == named, "wrong: the list of the refused");
        require(as_set(closed_->silent) == silent_, "wrong: who is silent");
        require(std::equal(sums_.begin(), sums_.end(), opened_->sums.begin()), "wrong: the opened sums");
        require(wrong_trustees_ == trustees_to_refuse_, "wrong: the refused answers");
        report_["counted"] = counted_.size();
        report_["refused"] = to_refuse_.size();
        report_["silent"] = silent_.size();
        report_.write(given_.folder / "referee.json");
    }

  private:
    static names as_set(const std::vector<byte_array<32>>& list) { return {list.begin(), list.end()}; }

    void expect() {
        sums_.assign(given_.dimension, 0);
        for (std::size_t i = 0; i < plan_.clients(); ++i) {
            const client_kind kind = plan_.kind(i);
            if (kind == client_kind::honest) {
                counted_.insert(plan_.id(i));
                const auto update = plan_.update(i);
                for (std::size_t j = 0; j < sums_.size(); ++j) sums_[j] += update[j];
            } else if (const auto reason = static_cast<std::uint16_t>(reason_on_record(kind)); reason != 0) {
                to_refuse_.emplace(plan_.id(i), reason);
            } else {
                silent_.insert(plan_.id(i));
            }
        }
        for (std::uint16_t trustee = 1; trustee <= trustees; ++trustee)
            if (answers_wrongly(trustee)) trustees_to_refuse_.insert(trustee);
    }
    void plant() {
        if (given_.planted == "sum") ++sums_.back();
        if (given_.planted == "counted") counted_.erase(counted_.begin());
        if (given_.planted == "refused") ++to_refuse_.begin()->second;
        if (given_.planted == "silent") silent_.erase(silent_.begin());
        if (given_.planted == "trustee") trustees_to_refuse_.insert(1);
    }
    void read_record() {
        const auto log = open_record(given_);
        random::system_random rng;
        const auto state = fold<Scheme>(log, records_before_contributions(given_), rng);
        const encoding::matrix_layout& layout = state.round().layout();
        for (std::uint64_t i = 0; i < log.size(); ++i) {
            const auto record = take(log.read(i), "record");
            switch (static_cast<aggregation::record_type>(record.type)) {
            case aggregation::record_type::refusal: {
                const auto refusal = take(aggregation::refusal::parse(record.body), "refusal");
                require(refused_.emplace(refusal.header.client, refusal.reason).second, "refused twice");
                break;
            }
            case aggregation::record_type::round_closed:
                closed_ = take(aggregation::round_closed::parse(record.body), "closing");
                break;
            case aggregation::record_type::partial_refusal:
                wrong_trustees_.insert(
                    take(aggregation::partial_header::parse(record.body), "refused answer").trustee);
                break;
            case aggregation::record_type::round_result: {
                const auto said = take(aggregation::round_result::parse(record.body), "result");
                const auto body = take(
                    log.get_body(said.opening, aggregation::opening::serialized_bytes(layout)), "opening");
                opened_ = take(aggregation::opening::parse(layout, body, closed_.value().accepted.size()),
                               "opening");
                break;
            }
            case aggregation::record_type::session_closed:
                ended_ = true;
                break;
            default:
                break;
            }
        }
    }

    parameters given_;
    stress_plan plan_;
    // By the plan.
    names counted_, silent_;
    std::map<byte_array<32>, std::uint16_t> to_refuse_;
    std::vector<std::int64_t> sums_;
    std::set<std::uint16_t> trustees_to_refuse_;
    // By the record.
    std::map<byte_array<32>, std::uint16_t> refused_;
    std::optional<aggregation::round_closed> closed_;
    std::optional<aggregation::opening> opened_;
    std::set<std::uint16_t> wrong_trustees_;
    bool ended_ = false;
    process_report report_;
};

} // namespace veilsum::stress
