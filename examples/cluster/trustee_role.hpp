// The trustee as a process: follows the log into its own copy, checks every record, and answers each round
// that is closed for decryption, once.
//
// Durable: its journal, written before an answer is computed; and its copy of the log, which only saves
// reading it again and notices a log that lost what this trustee has seen. Only what a checkpoint covers is
// followed.
#pragma once

#include "cluster/auditor_role.hpp"
#include "cluster/log_copy.hpp"
#include "cluster/options.hpp"
#include "cluster/process.hpp"
#include "cluster/roles.hpp"
#include "support/ceremony_folder.hpp"

#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/random/system_random.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

namespace cluster {

template <class Scheme>
class trustee_role {
    using trustee = aggregation::trustee<Scheme>;
    using clock = std::chrono::steady_clock;
    static constexpr auto before_sending_again = std::chrono::seconds(10);

  public:
    trustee_role(const aggregation::ceremony<Scheme>& ceremony, examples::trustee_secrets<Scheme> secrets,
                 audit::journal journal)
        : ceremony_(ceremony), secrets_(std::move(secrets)), journal_(std::move(journal)) {}

    result<void> follow(const audit::record& record, const aggregation::body_reader& bodies) {
        if (record.sequence > 0) return joined_->follow(record, bodies, rng_);
        auto state = aggregation::session_state<Scheme>::open(record, bodies);
        if (!state) return state.error();
        if (state->ceremony().serialize() != ceremony_.serialize())
            return error{
                errc::wrong_context, "ceremony of the session", 0, {}, aggregation::name_of_aggregator()};
        auto joined = trustee::join(*std::move(state), std::move(secrets_->share),
                                    std::move(secrets_->identity), *std::move(journal_));
        if (!joined) return joined.error();
        joined_.emplace(*std::move(joined));
        return {};
    }

    // To be called when everything that the newest checkpoint covers was followed.
    result<void> answer(connection& link) {
        if (joined_->state().phase() != aggregation::session_phase::opening || joined_->has_answered())
            return {};
        const std::uint64_t round = joined_->state().round().header().round;
        if (round != answered_) {
            auto made = joined_->answer(rng_);
            if (!made) return made.error();
            message_ = made->serialize();
            answered_ = round;
        } else if (clock::now() < again_) {
            return {};
        }
        again_ = clock::now() + before_sending_again;
        const auto said = link.ask(partial_request{message_});
        if (!said) return said.error();
        const auto* no = std::get_if<refused_reply>(&*said);
        std::printf("round        %llu %s\n", static_cast<unsigned long long>(round),
                    no == nullptr ? "answered" : no->text.c_str());
        std::fflush(stdout);
        return {};
    }
    // How far it has read, for the time after a restart.
    result<void> remember() { return joined_->remember(); }
    bool is_over() const { return joined_->state().phase() == aggregation::session_phase::ended; }

  private:
    const aggregation::ceremony<Scheme>& ceremony_;
    std::optional<examples::trustee_secrets<Scheme>> secrets_; // until it has joined
    std::optional<audit::journal> journal_;
    std::optional<trustee> joined_;
    veilsum::random::system_random rng_;
    std::uint64_t answered_ = 0; // the round that `message_` is for
    bytes message_;
    clock::time_point again_{};
};

template <class Scheme>
result<void> roles<Scheme>::trustee(const trustee_options& given, const aggregator_keys& known,
                                    connection& link) {
    const auto ceremony = examples::read_ceremony<Scheme>(given.keys);
    if (!ceremony) return ceremony.error();
    auto secrets = examples::read_trustee<Scheme>(given.keys, given.index, *ceremony);
    if (!secrets) return secrets.error();
    const std::filesystem::path folder = given.folder;
    // The journal is made before the copy of the log: where that is there, a missing journal is a lost one,
    // and a new one would forget what was opened.
    std::error_code failure;
    const bool begun = std::filesystem::exists(folder / "record" / "log", failure);
    auto journal =
        begun ? audit::journal::open_existing(folder / "journal") : audit::journal::open(folder / "journal");
    if (!journal) return journal.error();
    auto copy = log_copy::open(folder / "record", known.log);
    if (!copy) return copy.error();
    trustee_role<Scheme> role(*ceremony, *std::move(secrets), *std::move(journal));
    const auto follow = [&](const audit::record& record, const aggregation::body_reader& bodies) {
        return role.follow(record, bodies);
    };
    if (auto replayed = copy->replay(link, follow); !replayed) return replayed;
    while (!stop_asked()) {
        if (auto read = copy->advance(link, follow); !read) return read;
        if (!copy->is_complete()) continue;
        if (role.is_over()) {
            std::printf("session      closed\n");
            return {};
        }
        if (auto noted = role.remember(); !noted) return noted;
        if (auto said = role.answer(link); !said) return said;
        pause_for(poll_time(given.link));
    }
    return {};
}

} // namespace cluster
