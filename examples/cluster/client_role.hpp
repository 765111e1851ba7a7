// The client as a process: reads session and round from the record, checks them, contributes once a round,
// and keeps its receipts.
//
//     FOLDER/outbox             what it sends: a message is there before it is sent (aggregation/outbox.hpp)
//     FOLDER/record             the records of the log, with the bodies that it read
//     FOLDER/receipts/round-N   what `audit receipt` checks
//
// It checks signature, chain and inclusion of every record, the session, the ceremony, and each round's
// opening; not the other clients' contributions nor the results: trustees and auditors do.
#pragma once

#include "cluster/auditor_role.hpp"
#include "cluster/log_copy.hpp"
#include "cluster/options.hpp"
#include "cluster/process.hpp"
#include "cluster/roles.hpp"
#include "cluster/session_plan.hpp"

#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/outbox.hpp>
#include <veilsum/aggregation/session_register.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/posix_file.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cluster {

// d numbers in [-1/2, 1/2) from SplitMix64 of seed and round: a stand-in for an update, the same on every
// machine.
inline std::vector<float> random_update(std::uint64_t seed, std::uint64_t round, std::size_t d) {
    std::uint64_t state = seed * 0x9e3779b97f4a7c15U + round;
    std::vector<float> update(d);
    for (float& value : update) {
        state += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        value = static_cast<float>((z ^ (z >> 31)) >> 40) / 16777216.0F - 0.5F; // 24 bits: exact
    }
    return update;
}

template <class Scheme>
class client_role {
    using client = aggregation::client<Scheme, aggregation::file_outbox>;

  public:
    static result<client_role> start(const client_options& given, const aggregator_keys& known,
                                     const digest32& key) {
        const std::filesystem::path folder = given.folder;
        auto identity = read_identity(folder);
        if (!identity) return identity.error();
        std::error_code failure;
        const auto box = folder / "outbox";
        const bool there = std::filesystem::exists(box / "journal", failure);
        if (!there) { // nothing was promised; both are removed only if they are empty
            std::filesystem::remove(box / "messages", failure);
            std::filesystem::remove(box, failure);
        }
        auto outbox = there ? aggregation::file_outbox::open(box) : aggregation::file_outbox::create(box);
        if (!outbox) return outbox.error();
        std::filesystem::create_directories(folder / "receipts", failure);
        return client_role(given, known, key, *std::move(identity), *std::move(outbox));
    }

    result<void> follow(const audit::record& record, const aggregation::body_reader& bodies) {
        const auto type = static_cast<aggregation::record_type>(record.type);
        if (!in_turn(type))
            return by_aggregator(errc::malformed, "record out of turn")
                .at(audit::record_place(record.sequence));
        switch (type) {
        case aggregation::record_type::session_opened:
            return join(record, bodies);
        case aggregation::record_type::enrolment: {
            const auto who = standing_->check_enrolment(record);
            if (!who) return who.error();
            standing_->enrol(*who, record.sequence);
            return {};
        }
        case aggregation::record_type::removal: {
            const auto who = standing_->check_removal(record);
            if (!who) return who.error();
            standing_->remove(*who);
            return {};
        }
        case aggregation::record_type::key_rotated:
            return error{errc::unsupported, "change of the key within a session"};
        case aggregation::record_type::round_opened:
            return round_opened(record, bodies);
        case aggregation::record_type::contribution:
            return contribution(record);
        case aggregation::record_type::round_closed:
            return round_closed(record);
        case aggregation::record_type::round_result:
            return round_result(record, bodies);
        case aggregation::record_type::round_abandoned:
            standing_->finish_without_result();
            between_rounds_ = true;
            return {};
        case aggregation::record_type::session_closed:
            over_ = true;
            return {};
        default:
            return {};
        }
    }
    bool is_over() const { return over_; }

    // What is due when the copy ends where the newest checkpoint does.
    result<void> act(connection& link, log_copy& copy) {
        for (const auto& [round, index] : own_records_)
            if (!has_receipt(round))
                if (auto kept = receipt_from_copy(copy, round, index); !kept) return kept;
        if (over_) return {};
        if (between_rounds_) return enrol(link);
        if (!collecting_ || settled_ == rounds()) return {};
        return contribute(link);
    }

  private:
    client_role(const client_options& given, const aggregator_keys& known, const digest32& key,
                veilsum::sign::signing_key identity, aggregation::file_outbox outbox)
        : given_(given), known_(known), key_(key), id_(identity.verifying()), identity_(std::move(identity)),
          outbox_(std::move(outbox)) {}

    static error by_aggregator(errc code, std::string_view what) {
        return error{code, what, 0, {}, aggregation::name_of_aggregator()};
    }
    static void say(std::uint64_t round, const std::string& what) {
        std::printf("round        %llu %s\n", static_cast<unsigned long long>(round), what.c_str());
        std::fflush(stdout);
    }

    // --- The record ---

    // Which records may follow, as session_state has it.
    bool in_turn(aggregation::record_type type) const {
        using aggregation::record_type;
        switch (type) {
        case record_type::session_opened:
            return !joined_;
        case record_type::enrolment:
        case record_type::removal:
        case record_type::key_rotated:
        case record_type::round_opened:
        case record_type::session_closed:
            return joined_ && between_rounds_ && !over_;
        case record_type::contribution:
        case record_type::refusal:
        case record_type::round_closed:
            return joined_ && collecting_;
        case record_type::partial:
        case record_type::partial_refusal:
        case record_type::round_result:
        case record_type::round_abandoned:
            return joined_ && !between_rounds_ && !collecting_;
        }
        return false;
    }
    result<void> join(const audit::record& record, const aggregation::body_reader& bodies) {
        auto facts = aggregation::open_session<Scheme>(record, bodies);
        if (!facts) return facts.error();
        if (facts->header.key != key_) return by_aggregator(errc::wrong_key, "key of the session");
        auto shared = std::make_shared<const typename client::encryptor>(facts->ceremony.key);
        auto joined = client::join(*facts, std::move(shared), *std::move(identity_), *std::move(outbox_));
        if (!joined) return joined.error();
        standing_.emplace(*std::move(facts));
        joined_.emplace(*std::move(joined));
        return {};
    }
    // The pre-flight, before anything is encrypted for the round.
    result<void> round_opened(const audit::record& record, const aggregation::body_reader& bodies) {
        auto opened = standing_->check_round_opened(record, bodies);
        if (!opened) return opened.error();
        round_.emplace(standing_->open(*std::move(opened), record.sequence));
        collecting_ = true;
        between_rounds_ = false;
        return {};
    }
    // What the new model is follows from sums that others check; it must be there for the next round.
    result<void> round_result(const audit::record& record, const aggregation::body_reader& bodies) {
        const auto result = aggregation::round_result::parse(record.body);
        if (!result) return result.error();
        const auto body = bodies(result->model, aggregation::model::max_bytes);
        if (!body) return body.error();
        auto model = aggregation::model::parse(*body);
        if (!model) return model.error();
        standing_->finish(round_->header().model_number, *std::move(model), result->opening);
        between_rounds_ = true;
        return {};
    }
    std::uint64_t rounds() const { return round_ ? round_->header().round : 0; } // opened so far
    result<void> contribution(const audit::record& record) {
        const auto made = aggregation::contribution_record::parse(record.body);
        if (!made) return made.error();
        if (made->header.client == id_.bytes()) own_records_[rounds()] = record.sequence;
        return {};
    }
    result<void> round_closed(const audit::record& record) {
        collecting_ = false;
        const auto closing = aggregation::round_closed::parse(record.body);
        if (!closing) return closing.error();
        if (closing->outcome == aggregation::round_outcome::below_minimum_cohort) {
            standing_->finish_without_result();
            between_rounds_ = true;
        }
        const auto names_me = [&](const auto& list) {
            return std::find(list.begin(), list.end(), id_.bytes()) != list.end();
        };
        if (names_me(closing->accepted)) {
            say(rounds(), "closed, counted among " + std::to_string(closing->accepted.size()));
            return {};
        }
        say(rounds(), "closed, not counted");
        if (has_receipt(rounds()) && !names_me(closing->refused))
            return by_aggregator(errc::missing, "contribution that there is a receipt for")
                .at(receipt_path(rounds()).string());
        return {};
    }

    // --- Receipts ---

    std::filesystem::path receipts() const { return std::filesystem::path(given_.folder) / "receipts"; }
    std::filesystem::path receipt_path(std::uint64_t round) const {
        return receipts() / ("round-" + std::to_string(round));
    }
    bool has_receipt(std::uint64_t round) const {
        std::error_code failure;
        return std::filesystem::exists(receipt_path(round), failure);
    }
    result<void> keep_receipt(std::uint64_t round, const audit::receipt& receipt) {
        if (auto kept = audit::replace_file(receipts().string(), "round-" + std::to_string(round), "incoming",
                                            receipt.serialize());
            !kept)
            return kept;
        say(round, "receipt kept");
        return {};
    }
    // The aggregator's answer may be lost; what is on the log is there for everybody.
    result<void> receipt_from_copy(const log_copy& copy, std::uint64_t round, std::uint64_t index) {
        const auto note = copy.store().read_checkpoint();
        if (!note) return note.error();
        const auto receipt = audit::issue_receipt(copy.store(), index, *note);
        if (!receipt) return receipt.error();
        if (auto good = receipt->verify(standing_->facts().header.origin, known_.log); !good)
            return good.error();
        return keep_receipt(round, *receipt);
    }

    // --- Contributing ---

    // Once; who was removed does not come back by itself.
    result<void> enrol(connection& link) {
        const auto& pool = standing_->pool();
        if (pool.next_serial(id_) != 0) return {};
        const bytes message = joined_->enrol(given_.weight, 0);
        const auto answer = link.ask(enrol_request{message});
        if (!answer) return answer.error();
        if (const auto* no = std::get_if<refused_reply>(&*answer)) {
            if (no->text != refused_before_) std::printf("enrolment    refused, %s\n", no->text.c_str());
            std::fflush(stdout);
            refused_before_ = no->text;
            return {};
        }
        const auto* got = std::get_if<receipt_reply>(&*answer);
        if (got == nullptr) return unexpected(*answer);
        const auto receipt = audit::receipt::parse(got->receipt);
        if (!receipt) return receipt.error();
        const auto shown = receipt->verify(standing_->facts().header.origin, known_.log);
        if (!shown) return error(shown.error()).by(aggregation::name_of_aggregator());
        const auto sent = aggregation::enrolment::parse_message(message);
        if (shown->entry.body != sent->serialize())
            return by_aggregator(errc::mismatch, "enrolment in the receipt");
        std::printf("enrolled     with weight %u\n", given_.weight);
        std::fflush(stdout);
        return {};
    }

    result<std::vector<float>> update_of(const aggregation::round_facts& round) const {
        if (!given_.update.empty()) return read_vector(given_.update);
        return random_update(given_.random_update, round.header().round, round.layout().values());
    }

    result<void> contribute(connection& link) {
        const auto& round = round_;
        if (auto wanted = check_cohort(*round, given_); !wanted) return wanted;
        if (!round->members().weight_of(id_)) {
            settled_ = rounds();
            say(rounds(), "not on the roster");
            return {};
        }
        auto pending = joined_->sent(*round);
        if (!pending && pending.error().code != errc::missing) return pending.error();
        if (pending) { // perhaps it was taken before this process was started
            const auto answer = link.ask(receipt_request{id_.bytes()});
            if (!answer) return answer.error();
            if (const auto* got = std::get_if<receipt_reply>(&*answer)) return confirm(*pending, *got);
        } else {
            const auto update = update_of(*round);
            if (!update) return update.error();
            pending = joined_->contribute(*round, *update, rng_);
            if (!pending) return pending.error();
        }
        const auto answer = link.ask(contribute_request{pending->message().serialize()});
        if (!answer) return answer.error();
        if (const auto* got = std::get_if<receipt_reply>(&*answer)) return confirm(*pending, *got);
        if (!std::holds_alternative<refused_reply>(*answer)) return unexpected(*answer);
        settled_ = rounds(); // the record says later whether it counts all the same
        say(rounds(), "refused, " + std::get<refused_reply>(*answer).text);
        return {};
    }
    result<void> confirm(const aggregation::pending_contribution& pending, const receipt_reply& got) {
        const auto receipt = audit::receipt::parse(got.receipt);
        if (!receipt) return receipt.error();
        if (auto good = pending.confirm(*receipt); !good)
            return error(good.error()).by(aggregation::name_of_aggregator());
        settled_ = rounds();
        return has_receipt(rounds()) ? result<void>() : keep_receipt(rounds(), *receipt);
    }

    const client_options& given_;
    aggregator_keys known_;
    digest32 key_;
    aggregation::client_id id_;
    std::optional<veilsum::sign::signing_key> identity_; // these two until it has joined
    std::optional<aggregation::file_outbox> outbox_;
    std::optional<aggregation::session_register<Scheme>> standing_;
    std::optional<client> joined_;
    std::optional<aggregation::round_facts> round_; // the last one opened
    bool collecting_ = false;                       // it takes contributions
    bool between_rounds_ = true;
    std::string refused_before_;                         // why the enrolment was, last
    std::uint64_t settled_ = 0;                          // the round in which nothing is left to do
    std::map<std::uint64_t, std::uint64_t> own_records_; // by round
    bool over_ = false;
    veilsum::random::system_random rng_;
};

template <class Scheme>
result<void> roles<Scheme>::client(const client_options& given, const aggregator_keys& known,
                                   connection& link, log_copy& copy) {
    const auto key = examples::parse_id(given.key, "id of the key: 64 hexadecimal digits");
    if (!key) return key.error();
    if (!*key) return error{errc::missing, "id of the key"};
    auto role = client_role<Scheme>::start(given, known, **key);
    if (!role) return role.error();
    const auto follow = [&](const audit::record& record, const aggregation::body_reader& bodies) {
        return role->follow(record, bodies);
    };
    if (auto replayed = copy.replay(link, follow); !replayed) return replayed;
    while (!stop_asked()) {
        if (auto read = copy.advance(link, follow); !read) return read;
        if (!copy.is_complete()) continue;
        if (auto done = role->act(link, copy); !done) return done;
        if (role->is_over()) {
            std::printf("session      closed\n");
            return {};
        }
        pause_for(poll_time(given.link));
    }
    return {};
}

} // namespace cluster
