// The aggregator as a process: keeps the log, answers from it, opens and closes rounds by its clock.
//
// One thread. It takes a request, answers it, and then looks whether the round can go on; a request that is
// malformed or refused has an error for an answer and changes nothing but what the protocol records. Started
// again with the same command line it resumes from its log (aggregation/resume.hpp).
#pragma once

#include "cluster/log_copy.hpp"
#include "cluster/options.hpp"
#include "cluster/process.hpp"
#include "cluster/roles.hpp"
#include "cluster/server.hpp"
#include "cluster/session_plan.hpp"
#include "support/ceremony_folder.hpp"

#include <veilsum/aggregation/resume.hpp>
#include <veilsum/audit/posix_file.hpp>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace cluster {

template <class Scheme>
class aggregator_role {
    using store = audit::file_store;
    using idle = aggregation::idle_session<Scheme, store>;
    using collecting = aggregation::collecting_round<Scheme, store>;
    using opening = aggregation::opening_round<Scheme, store>;
    using ended = aggregation::ended_session<store>;
    using session = aggregation::resumed_session<Scheme, store>;

  public:
    static result<aggregator_role> start(const aggregator_options& given,
                                         const aggregation::ceremony<Scheme>& ceremony) {
        auto plan = session_plan<Scheme>::make(given);
        if (!plan) return plan.error();
        auto key = read_identity(given.folder);
        if (!key) return key.error();
        const std::filesystem::path record = std::filesystem::path(given.folder) / "record";
        auto log = open_record_folder(record);
        if (!log) return log.error();
        const std::size_t longest = plan->longest_message(ceremony);
        veilsum::random::system_random rng;
        if (log->size() == 0) {
            auto opened = plan->open_session(*std::move(log), ceremony, given.origin, *std::move(key), rng);
            if (!opened) return opened.error();
            return aggregator_role(given, *std::move(plan), record, *std::move(opened), longest);
        }
        auto resumed = aggregation::resume_session<Scheme>(*std::move(log), *std::move(key), rng);
        if (!resumed) return resumed.error();
        std::printf("resumed\n");
        return aggregator_role(given, *std::move(plan), record, *std::move(resumed), longest);
    }

    // Of a request, for the transport to cut off what is longer.
    std::size_t max_request() const { return message_header_bytes + 4 + longest_; }
    const store& log() const {
        return std::visit(
            [](const auto& state) -> const store& {
                if constexpr (std::is_same_v<std::decay_t<decltype(state)>, ended>)
                    return state.store;
                else
                    return state.store();
            },
            session_);
    }

    // The reply to any bytes whatever.
    bytes answer(byte_view message, std::uint64_t received_at) {
        auto asked = parse_request(message, longest_);
        if (!asked) return serialize(number_of(message), reply(refused_reply::of(asked.error())));
        auto made =
            std::visit([&](const auto& what) { return answer_to(what, received_at); }, asked->message);
        return serialize(asked->number, made ? *made : reply(refused_reply::of(made.error())));
    }
    // A store that failed to write must be opened anew: the process ends, and is started again.
    const std::optional<error>& broken() const { return broken_; }

    // Goes on to the next state, if it is time. `now`: everything that came before was answered.
    result<void> tick(std::uint64_t now) {
        if (auto* between = phase<idle>()) return leave_idle(*between, now);
        if (auto* round = phase<collecting>()) return leave_collecting(*round, now);
        if (auto* closed = phase<opening>()) return leave_opening(*closed);
        return {};
    }
    bool is_over() const { return std::holds_alternative<ended>(session_); }

  private:
    aggregator_role(const aggregator_options& given, session_plan<Scheme> plan, std::filesystem::path record,
                    session state, std::size_t longest)
        : rounds_(given.rounds), enrol_until_(unix_seconds() + given.enrol_for), plan_(std::move(plan)),
          record_(std::move(record)), longest_(longest), session_(std::move(state)) {}

    template <class State>
    State* phase() {
        return std::get_if<State>(&session_);
    }
    template <class Value>
    error refused(const result<Value>& outcome) {
        if (outcome.error().code == errc::io) broken_ = outcome.error();
        return outcome.error();
    }
    static void say(const std::string& line) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    }

    // --- Requests ---

    result<reply> answer_to(const records_request& asked, std::uint64_t) {
        auto note = log().read_checkpoint();
        if (!note) return refused(note);
        const auto parsed = audit::parse_note(*note);
        if (!parsed) return parsed.error();
        const auto tip = audit::checkpoint::parse(parsed->text);
        if (!tip) return tip.error();
        records_reply made{*std::move(note), {}};
        std::size_t length = 0;
        for (std::uint64_t index = asked.first; index < tip->size; ++index) {
            if (made.records.size() == max_batch_records || length >= max_batch_bytes) break;
            const auto record = log().read(index);
            if (!record) return refused(record);
            made.records.push_back({record->serialize(), log().tree().inclusion(index, tip->size)});
            length += made.records.back().record.size();
        }
        return reply(std::move(made));
    }
    // Straight from the file; whoever asked compares the digest.
    result<reply> answer_to(const body_request& asked, std::uint64_t) {
        const std::string path = (record_ / "bodies" / veilsum::to_hex(asked.digest)).string();
        const auto file = audit::posix_file::open(path, audit::posix_file::access::read);
        if (!file) return error{file.error().code, "body", 0, audit::body_place(asked.digest)};
        const auto total = file->size();
        if (!total) return total.error();
        if (asked.offset > *total) return error{errc::out_of_range, "offset in the body"};
        piece_reply made{*total, bytes(static_cast<std::size_t>(
                                     std::min<std::uint64_t>(max_piece_bytes, *total - asked.offset)))};
        if (auto got = file->read_at(asked.offset, made.piece); !got) return got.error();
        return reply(std::move(made));
    }
    result<reply> answer_to(const contribute_request& asked, std::uint64_t received_at) {
        auto* round = phase<collecting>();
        if (round == nullptr) return error{errc::refused, "no round takes contributions"};
        const std::uint64_t before = log().size();
        const auto receipt = round->receive(asked.message, received_at, rng_);
        if (!receipt) {
            say("refused      a contribution, " + receipt.error().describe());
            return refused(receipt);
        }
        if (log().size() != before)
            say("contribution " + std::to_string(round->state().accepted()) + " of " +
                std::to_string(round->state().round().members().size()));
        return reply(receipt_reply{receipt->serialize()});
    }
    result<reply> answer_to(const partial_request& asked, std::uint64_t) {
        auto* closed = phase<opening>();
        if (closed == nullptr) return error{errc::refused, "no round is open for decryption"};
        const std::uint64_t before = log().size();
        if (const auto received = closed->receive(asked.message, rng_); !received) {
            say("refused      a partial decryption, " + received.error().describe());
            return refused(received);
        }
        if (log().size() != before)
            say("partial      " + std::to_string(closed->state().verified_partials()) + " verified");
        return reply(done_reply{});
    }
    result<reply> answer_to(const enrol_request& asked, std::uint64_t) {
        auto* between = phase<idle>();
        if (between == nullptr) return error{errc::refused, "clients enrol between rounds"};
        if (auto known = plan_.may_enrol(asked.message); !known) return known.error();
        const std::uint64_t before = log().size();
        const auto receipt = between->enrol(asked.message, rng_);
        if (!receipt) {
            say("refused      an enrolment, " + receipt.error().describe());
            return refused(receipt);
        }
        if (log().size() != before)
            say("enrolled     " + std::to_string(between->state().standing().pool().size()) + " of " +
                std::to_string(plan_.announced()));
        return reply(receipt_reply{receipt->serialize()});
    }
    result<reply> answer_to(const receipt_request& asked, std::uint64_t) {
        auto receipt = result<audit::receipt>(error{errc::missing, "round in progress"});
        if (auto* round = phase<collecting>()) receipt = round->receipt_of(asked.client);
        if (auto* closed = phase<opening>()) receipt = closed->receipt_of(asked.client);
        if (!receipt) return refused(receipt);
        return reply(receipt_reply{receipt->serialize()});
    }

    // --- States ---

    // The first round waits for the announced clients to enrol, so long; every round for as many as its sum
    // must be of, because clients may leave.
    bool waits_for_clients(const idle& between, std::uint64_t now) const {
        const auto& standing = between.state().standing();
        const std::size_t there = standing.pool().size();
        if (there < plan_.minimum_cohort()) return true;
        return standing.next_round() == 1 && there < plan_.announced() && now <= enrol_until_;
    }
    result<void> leave_idle(idle& between, std::uint64_t now) {
        const std::uint64_t next = between.state().standing().next_round();
        if (next <= rounds_ && waits_for_clients(between, now)) {
            if (waits_before_ != next)
                say("waiting      for clients to enrol: " +
                    std::to_string(between.state().standing().pool().size()) + " of " +
                    std::to_string(plan_.announced()));
            waits_before_ = next;
            return {};
        }
        if (next > rounds_) {
            auto last = std::move(between).end({}, rng_);
            if (!last) return last.error();
            session_ = ended{*std::move(last)};
            say("session      closed");
            return {};
        }
        auto opened = plan_.open_round(std::move(between), rng_);
        if (!opened) return opened.error();
        const auto& header = opened->state().round().header();
        say("round        " + std::to_string(header.round) + " opened until " +
            std::to_string(header.closes_at) + ", " +
            std::to_string(opened->state().round().members().size()) + " clients");
        session_ = *std::move(opened);
        return {};
    }
    result<void> leave_collecting(collecting& round, std::uint64_t now) {
        const auto& state = round.state();
        bool complete = true;
        for (const auto& entry : state.round().members().entries())
            complete = complete &&
                       (state.has_accepted(entry.client.bytes()) || state.has_refused(entry.client.bytes()));
        if (!complete && now <= state.round().header().closes_at) return {};
        const std::string label = std::to_string(state.round().header().round) + " closed, " +
                                  std::to_string(state.accepted()) + " counted";
        auto next = std::move(round).close(now, rng_);
        if (!next) return next.error();
        say("round        " + label +
            (next->opening ? "" : ": fewer than the minimum cohort, nothing is opened"));
        if (next->opening)
            session_ = *std::move(next->opening);
        else
            session_ = *std::move(next->idle);
        return {};
    }
    result<void> leave_opening(opening& closed) {
        if (!closed.has_quorum()) return {};
        auto finished = std::move(closed).finish(rng_);
        if (!finished) return finished.error();
        say("result       round " + std::to_string(finished->record.round) + ", model " +
            veilsum::to_hex(finished->record.model));
        session_ = std::move(finished->session);
        return {};
    }

    std::uint64_t rounds_;
    std::uint64_t enrol_until_;
    std::uint64_t waits_before_ = 0; // the round of which that was said
    session_plan<Scheme> plan_;
    std::filesystem::path record_;
    std::size_t longest_;
    veilsum::random::system_random rng_;
    session session_;
    std::optional<error> broken_;
};

template <class Scheme>
result<void> roles<Scheme>::aggregator(const aggregator_options& given) {
    const auto ceremony = examples::read_ceremony<Scheme>(given.keys);
    if (!ceremony) return ceremony.error();
    const auto transport = read_transport_key(given.folder);
    if (!transport) return transport.error();
    auto peers = read_peers(given.peers);
    if (!peers) return peers.error();
    auto role = aggregator_role<Scheme>::start(given, *ceremony);
    if (!role) return role.error();
    auto door = server::bind(given.listen, *transport, *std::move(peers), role->max_request());
    if (!door) return door.error();
    const auto first = role->log().read(0);
    if (!first) return first.error();
    std::printf("session      %s\nlistening    %s\n", veilsum::to_hex(audit::record_hash(*first)).c_str(),
                given.listen.c_str());
    std::fflush(stdout);
    std::optional<std::uint64_t> over_since;
    while (!stop_asked()) {
        if (auto taken = door->collect(milliseconds(100)); !taken) return taken;
        const auto oldest = door->next_received_at();
        if (auto gone_on = role->tick(oldest ? *oldest : unix_seconds()); !gone_on) return gone_on;
        if (oldest) {
            const server::incoming asked = door->take();
            const bytes said = asked.whole ? role->answer(asked.message, asked.received_at)
                                           : role->answer({}, asked.received_at);
            if (auto sent = door->answer(asked, said); !sent) return sent;
            if (role->broken()) return *role->broken();
        }
        if (!role->is_over() || given.linger < 0) continue;
        if (!over_since) over_since = unix_seconds();
        if (static_cast<double>(unix_seconds() - *over_since) > given.linger) break;
    }
    return {};
}

} // namespace cluster
