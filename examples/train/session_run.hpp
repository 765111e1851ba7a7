// One session of encrypted federated averaging, all parties in this process.
//
// The parties talk in bytes only: what a client hands to the aggregator, a trustee reads from the record, or
// a trustee answers is exactly what would travel between machines. The library keeps no clock; this program
// passes the time in.
#pragma once

#include "support/ceremony_folder.hpp"
#include "support/clock.hpp"
#include "support/console.hpp"
#include "support/files.hpp"
#include "train/cheating_client.hpp"
#include "train/learner.hpp"
#include "train/learning_task.hpp"
#include "train/metrics.hpp"
#include "train/options.hpp"
#include "train/report.hpp"

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/privacy/accountant.hpp>
#include <veilsum/random/system_random.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace train {

namespace aggregation = veilsum::aggregation;
using examples::errc;
using examples::error;
using examples::result;
using examples::unix_seconds;

template <class Scheme>
class session_run {
    using store = veilsum::audit::file_store;
    using bytes = veilsum::bytes;
    using client = aggregation::client<Scheme, aggregation::memory_outbox>;
    using trustee = aggregation::trustee<Scheme>;
    using idle = aggregation::idle_session<Scheme, store>;

  public:
    session_run(const options& given, const learning_task& task)
        : given_(given), task_(task), learner_(given, task),
          record_(std::filesystem::path(given.out) / "record"),
          private_(std::filesystem::path(given.out) / "private"),
          receipts_(std::filesystem::path(given.out) / "receipts") {}

    result<void> run() {
        if (auto planned = plan(); !planned) return planned;
        if (auto held = hold_ceremony(); !held) return held;
        if (auto made = write_private_folder(); !made) return made;
        auto session = open_session();
        if (!session) return session.error();
        print_header();
        auto model = aggregation::model::of(learner_.initial_weights());
        if (!model) return model.error();
        shadow_ = *model;
        for (std::size_t round = 0; round < given_.rounds; ++round)
            if (auto done = run_round(*session, *model); !done) return done;
        return finish(*std::move(session), *model);
    }

  private:
    // Everything that can be refused before keys are made is refused here.
    result<void> plan() {
        if (given_.clients < 2) return error{errc::bad_parameter, "at least two clients are needed"};
        auto who = veilsum::threshold::structure::create(given_.quorum, given_.trustees);
        if (!who)
            return error{errc::bad_parameter, "quorum and trustees: need 1 <= quorum <= trustees <= 64", 0,
                         "quorum " + std::to_string(given_.quorum) + ", trustees " +
                             std::to_string(given_.trustees)};
        if (2 * given_.quorum <= given_.trustees)
            return error{errc::bad_parameter, "a session needs a quorum of more than half of the trustees", 0,
                         "quorum " + std::to_string(given_.quorum) + ", trustees " +
                             std::to_string(given_.trustees)};
        structure_ = *who;
        learner_.deal_data();
        const std::size_t cohort = given_.drawn != 0 ? given_.drawn : given_.clients;
        if (given_.drawn > given_.clients)
            return error{errc::bad_parameter, "more clients drawn than there are"};
        if (given_.epsilon > 0 && (given_.drawn != 0 || given_.weigh_by_examples || !given_.attack.empty()))
            return error{errc::bad_parameter,
                         "a privacy budget goes with equal weights, all clients and no attack"};
        std::uint64_t total = 0;
        if (learner_.parameters() > aggregation::model::max_weights)
            return error{errc::bad_parameter, "network has more than 2^24 weights", 0,
                         std::to_string(learner_.parameters())};
        for (std::size_t i = 0; i < given_.clients; ++i) {
            if (learner_.examples_of(i) == 0)
                return error{errc::bad_parameter, "fewer training examples than a client's share needs", 0,
                             "client " + std::to_string(i + 1)};
            weights_.push_back(given_.weigh_by_examples ? static_cast<std::uint32_t>(learner_.examples_of(i))
                                                        : 1);
            total += weights_.back();
        }
        if (total > veilsum::encoding::largest_total_weight)
            return error{errc::out_of_range, "sum of the clients' weights"};
        if (given_.minimum_cohort < 2 || given_.minimum_cohort > cohort)
            return error{errc::bad_parameter, "minimum cohort: need 2 <= cohort <= clients of a round"};
        format_ = {given_.scale_bits, given_.value_bits, given_.clip};
        if (auto fits = format_.check(); !fits) return fits;
        const auto norm = veilsum::encoding::squared_norm_bound(format_, learner_.parameters(),
                                                                veilsum::encoding::rounding::nearest);
        std::uint64_t bound = norm;
        if (given_.epsilon > 0) {
            if (auto planned = plan_noise(norm); !planned) return planned;
            bound = noise_->noised_norm_bound(norm);
        }
        auto slots =
            veilsum::encoding::slot_layout::create(Scheme::plaintext_bits, format_.value_bits, total);
        if (!slots) return slots.error();
        layout_.nbits = static_cast<std::uint32_t>(Scheme::modulus_bits);
        layout_.b = format_.value_bits;
        layout_.m = static_cast<std::uint32_t>(total);
        layout_.wmax = *std::max_element(weights_.begin(), weights_.end());
        layout_.d = static_cast<std::uint32_t>(learner_.parameters());
        layout_.flags = veilsum::encoding::flag_audit | veilsum::encoding::flag_l2;
        layout_.B2 = veilsum::encoding::norm_bound_bytes(bound);
        norm_ = norm;
        layout_.a = static_cast<std::uint32_t>(
            aggregation::exponent_bits<Scheme>(aggregation::exponent_policy::short_exponent));
        layout_.md = veilsum::encoding::smallest_digit_count(layout_.b, layout_.wmax);
        layout_.C = veilsum::encoding::recommended_columns(layout_.d, layout_.b, slots->slots(), layout_.md);
        const auto layout = veilsum::encoding::matrix_layout::create(layout_);
        if (!layout) return layout.error();
        if (!given_.attack.empty()) {
            attack_ = attack_called(given_.attack);
            veilsum::expects(attack_.has_value()); // the command line takes no other name
            if (given_.minimum_cohort > given_.clients - 1)
                return error{errc::bad_parameter, "an attack needs a cohort without the culprit"};
            if (attack_->which == attack::replay && given_.rounds < 2)
                return error{errc::bad_parameter, "a replay needs two rounds"};
        }
        facts_.slots = layout->slots();
        facts_.ciphertexts = layout->ciphertexts();
        return {};
    }

    // The least Gaussian noise with which all rounds keep the budget, and the bits that a value then needs.
    result<void> plan_noise(std::uint64_t norm) {
        namespace privacy = veilsum::privacy;
        privacy::privacy_terms terms;
        terms.epsilon_micro = static_cast<std::uint64_t>(given_.epsilon * 1e6);
        terms.delta_atto = static_cast<std::uint64_t>(given_.delta * 1e18);
        const auto book = privacy::accountant::open(terms); // the scope is not known yet
        if (!book) return book.error();
        privacy::noise_request wanted{privacy::mechanism::gaussian, *privacy::ratio::of(1)};
        wanted.clients = static_cast<std::uint32_t>(given_.clients);
        wanted.missing = wanted.clients - given_.minimum_cohort;
        wanted.colluding = given_.colluding;
        wanted.dimension = static_cast<std::uint32_t>(learner_.parameters());
        auto plan = book->plan_for(wanted, norm, static_cast<std::uint32_t>(given_.rounds));
        if (!plan) return std::move(plan).error().at("--epsilon");
        while (!plan->fits(format_) && format_.value_bits < veilsum::encoding::largest_value_bits)
            ++format_.value_bits;
        if (auto fits = plan->fits(format_); !fits)
            return error{
                errc::bad_parameter,
                "noise and updates do not fit into 24 bits; lower --scale-bits or --clip, or spend more"};
        noise_ = *std::move(plan);
        facts_.privacy =
            "epsilon " + examples::fixed_text(given_.epsilon) + ", delta " +
            examples::fixed_text(given_.delta) +
            " over all rounds, for one client's update more or less; discrete Gaussian noise, of which " +
            std::to_string(noise_->honest()) + " clients make the whole, deviation " +
            examples::fixed_text(std::sqrt(static_cast<double>(wanted_variance()))) + " units in the sum";
        return {};
    }
    double wanted_variance() const {
        const auto& amount = noise_->request().amount;
        return static_cast<double>(amount.numerator()) / static_cast<double>(amount.denominator());
    }

    result<void> hold_ceremony() {
        examples::stopwatch watch;
        if (!given_.keys.empty()) {
            auto ceremony = examples::read_ceremony<Scheme>(given_.keys);
            if (!ceremony) return ceremony.error();
            if (!(ceremony->structure() == *structure_))
                return error{errc::mismatch, "--quorum and --trustees are not those of the ceremony", 0,
                             given_.keys + " (" + std::to_string(ceremony->structure().quorum()) + " of " +
                                 std::to_string(ceremony->structure().trustees()) + ")"};
            dealt_.emplace(examples::dealt_ceremony<Scheme>{*std::move(ceremony), {}});
            for (std::uint32_t i = 1; i <= structure_->trustees(); ++i) {
                auto secrets = examples::read_trustee<Scheme>(given_.keys, i, dealt_->ceremony);
                if (!secrets) return secrets.error();
                dealt_->trustees.push_back(*std::move(secrets));
            }
        } else {
            examples::progress_bar bar("key ceremony: searching safe primes", "candidates");
            auto dealt = examples::deal_ceremony<Scheme>(*structure_, rng_, bar.watcher());
            if (!dealt) return dealt.error();
            dealt_.emplace(*std::move(dealt));
        }
        facts_.key_seconds = watch.seconds();
        std::printf("ceremony     %zu-bit key, %u trustees, quorum %u, %s\n",
                    std::size_t{Scheme::modulus_bits}, structure_->trustees(), structure_->quorum(),
                    examples::human_seconds(facts_.key_seconds).c_str());
        return {};
    }

    // Nothing is written before this: a refused ceremony leaves no folder behind.
    result<void> write_private_folder() {
        if (auto made = examples::create_folder(given_.out); !made) return made;
        if (given_.keys.empty()) return examples::write_ceremony<Scheme>(private_, *dealt_, {}, rng_);
        for (std::uint32_t i = 1; i <= structure_->trustees(); ++i)
            if (auto made = examples::create_folder(examples::trustee_folder(private_, i)); !made)
                return made;
        return {};
    }

    result<idle> open_session() {
        auto made = store::create(record_);
        if (!made) return made.error();
        if (auto folder = examples::create_folder(receipts_); !folder) return folder.error();
        auto session =
            idle::open(*std::move(made), dealt_->ceremony, aggregation::exponent_policy::short_exponent,
                       "veilsum.example/train", veilsum::sign::signing_key::generate(rng_), rng_);
        if (!session) return session.error();

        const auto encryptor = std::make_shared<const typename client::encryptor>(dealt_->ceremony.key);
        for (std::size_t i = 0; i < given_.clients; ++i) {
            if (attack_ && i + 1 == given_.clients) {
                cheater_.emplace(*attack_, encryptor, veilsum::sign::signing_key::generate(rng_));
                if (auto enrolled = session->enrol(cheater_->enrol(session->state().facts().id), rng_);
                    !enrolled)
                    return enrolled.error();
                continue;
            }
            auto joined =
                client::join(session->state().facts(), encryptor, veilsum::sign::signing_key::generate(rng_),
                             aggregation::memory_outbox());
            if (!joined) return joined.error();
            if (auto enrolled = session->enrol(joined->enrol(weights_[i], 0), rng_); !enrolled)
                return enrolled.error();
            clients_.push_back(*std::move(joined));
        }
        const auto first = session->store().read(0);
        if (!first) return first.error();
        for (auto& secrets : dealt_->trustees) {
            auto state =
                aggregation::session_state<Scheme>::open(*first, aggregation::bodies_of(session->store()));
            if (!state) return state.error();
            const auto own = examples::trustee_folder(private_, secrets.share.index().index());
            auto journal = veilsum::audit::journal::open(own / "journal");
            if (!journal) return journal.error();
            auto joined = trustee::join(*std::move(state), std::move(secrets.share),
                                        std::move(secrets.identity), *std::move(journal));
            if (!joined) return joined.error();
            trustees_.push_back(*std::move(joined));
        }
        return session;
    }

    void print_header() {
        facts_.data = task_.description;
        facts_.network = learner_.description();
        facts_.weights = learner_.parameters();
        facts_.clients = given_.clients;
        facts_.trustees = structure_->trustees();
        facts_.quorum = structure_->quorum();
        facts_.modulus_bits = Scheme::modulus_bits;
        facts_.policy = "short, " + std::to_string(layout_.a) + " bits";
        facts_.encoding = std::to_string(format_.value_bits) + "-bit integers, one unit is 2^-" +
                          std::to_string(format_.scale_bits) + ", updates clipped to norm " +
                          examples::fixed_text(format_.clip_l2);
        facts_.proofs = "every value in range, bounded norm, ciphertexts equal to the commitments; "
                        "correct partial decryptions";
        facts_.session = veilsum::to_hex(trustees_.front().state().facts().id);
        std::printf("data         %s\n", facts_.data.c_str());
        std::printf("network      %s, %zu weights\n", facts_.network.c_str(), facts_.weights);
        std::printf("encoding     %s, %zu values a ciphertext, %zu ciphertexts a contribution\n\n",
                    facts_.encoding.c_str(), facts_.slots, facts_.ciphertexts);
        std::printf("%5s %9s %8s %8s %11s %9s | %9s %9s %9s %9s %9s %9s", "round", "accuracy", "loss",
                    "counted", "upload", "partials", "train", "encrypt", "verify", "decrypt", "combine",
                    "total");
        if (noise_) std::printf(" %9s", "epsilon");
        std::printf("\n");
        std::fflush(stdout);
    }

    // Each client trains on its own part of the data and returns what changed.
    std::vector<std::vector<float>> local_updates(const aggregation::model& model, std::uint64_t round) {
        std::vector<std::vector<float>> updates(given_.clients);
        veilsum::parallel_for(given_.clients, [&](std::size_t i) {
            updates[i] = learner_.local_update(model.weights(), i, round);
        });
        return updates;
    }

    result<void> run_round(idle& session, aggregation::model& model) {
        round_metrics figures;
        const std::uint64_t round = session.state().standing().next_round();
        figures.round = round;
        const std::string label = "round " + std::to_string(round) + "/" + std::to_string(given_.rounds);
        std::optional<examples::stopwatch> watch(std::in_place);
        const auto lap = [&](phase which) {
            figures[which] += watch->seconds();
            watch.emplace();
        };

        std::vector<std::vector<float>> updates;
        {
            examples::progress_bar bar(label + " training", "clients");
            bar.update(0, given_.clients);
            updates = local_updates(model, round);
        }
        lap(phase::training);

        aggregation::round_header header;
        header.format = format_;
        header.layout = layout_;
        header.suite = aggregation::proof_suite::validity;
        header.minimum_cohort = given_.minimum_cohort;
        header.opens_at = unix_seconds();
        header.closes_at = header.opens_at + 24 * 3600;
        header.drawn = round > 1 ? given_.drawn : 0;
        std::optional<veilsum::privacy::accountant> ledger;
        if (noise_) {
            auto booked = book(session.state().standing(), round);
            if (!booked) return booked.error();
            ledger = *std::move(booked);
            figures.epsilon = static_cast<double>(ledger->spent_micro()) / 1e6;
        }
        auto collecting = std::move(session).open_round(header, model, header.opens_at, rng_, ledger);
        if (!collecting) return collecting.error();
        lap(phase::verification);

        first_body_.clear();
        std::vector<std::int64_t> plain_sums(given_.check_plaintext ? learner_.parameters() : 0, 0);
        {
            examples::progress_bar bar(label + " encrypting", "clients");
            for (std::size_t i = 0; i < clients_.size(); ++i) {
                bar.update(i, clients_.size());
                if (!collecting->state().round().members().weight_of(clients_[i].id())) continue;
                auto pending = clients_[i].contribute(collecting->state().round(), updates[i], rng_);
                if (!pending) return error(pending.error()).by(aggregation::name_of(clients_[i].id()));
                const bytes message = pending->message().serialize();
                if (first_body_.empty()) first_body_ = pending->message().body;
                figures.contribution_bytes += message.size();
                lap(phase::encryption);
                auto receipt = collecting->receive(message, unix_seconds(), rng_);
                if (!receipt) return receipt.error();
                lap(phase::verification);
                if (auto confirmed = pending->confirm(*receipt); !confirmed) return confirmed;
                lap(phase::encryption);
                if (auto kept = keep(round, clients_[i].id().bytes(), "contribution", receipt->serialize());
                    !kept)
                    return kept;
                if (given_.check_plaintext)
                    if (auto added = add_in_the_clear(updates[i], weights_[i], plain_sums); !added)
                        return added;
                watch.emplace();
            }
        }
        if (cheater_)
            if (auto tried = let_cheat(*collecting, updates.back(), plain_sums); !tried) return tried;
        watch.emplace();
        figures.accepted = collecting->state().accepted();
        std::uint64_t counted = 0; // weight
        for (std::size_t i = 0; i < clients_.size(); ++i)
            if (collecting->state().has_accepted(clients_[i].id().bytes())) counted += weights_[i];
        if (cheater_) counted += collecting->state().has_accepted(cheater_->id().bytes());
        auto closed = std::move(*collecting).close(unix_seconds(), rng_);
        if (!closed) return closed.error();
        if (!closed->opening)
            return error{errc::refused, "fewer contributions than the minimum cohort", 0, label};
        lap(phase::verification);
        if (cheater_)
            if (auto kept = keep_exclusion(closed->opening->store(), round, cheater_->id().bytes()); !kept)
                return kept;
        watch.emplace();

        {
            examples::progress_bar bar(label + " decrypting", "trustees");
            for (std::size_t i = 0; i < trustees_.size(); ++i) {
                bar.update(i, trustees_.size());
                if (auto caught_up = catch_up(trustees_[i], closed->opening->store()); !caught_up)
                    return caught_up;
                lap(phase::verification);
                auto answer = trustees_[i].answer(rng_);
                if (!answer) return answer.error();
                const bytes message = answer->serialize();
                figures.partial_bytes += message.size();
                lap(phase::decryption);
                if (auto received = closed->opening->receive(message, rng_); !received) return received;
                lap(phase::combination);
            }
        }
        auto finished = std::move(*closed->opening).finish(rng_);
        if (!finished) return finished.error();
        session = std::move(finished->session);
        model = session.state().standing().models().front();
        lap(phase::combination);

        if (given_.check_plaintext)
            if (auto same = compare_with_plaintext(plain_sums, model, round, counted); !same) return same;
        watch.emplace();
        const auto quality = learner_.evaluate(model.weights());
        lap(phase::evaluation);
        figures.accuracy = quality.accuracy;
        figures.loss = quality.loss;
        rounds_.push_back(figures);
        print_row(rounds_.back());
        return {};
    }

    // What a client keeps, beside the record: `audit receipt` checks it.
    result<void> keep(std::uint64_t round, const veilsum::byte_array<32>& who, const char* kind,
                      const bytes& receipt) const {
        return examples::write_new_file(
            receipts_ / ("round-" + std::to_string(round) + "-" + kind + "-" + veilsum::to_hex(who)),
            receipt);
    }
    result<void> keep_exclusion(const store& log, std::uint64_t round,
                                const veilsum::byte_array<32>& who) const {
        const auto note = log.read_checkpoint();
        if (!note) return note.error();
        const auto receipt = aggregation::issue_exclusion(log, round, who, *note);
        if (!receipt && receipt.error().code == errc::refused) return {}; // it is counted
        if (!receipt) return receipt.error();
        return keep(round, who, "exclusion", receipt->serialize());
    }

    // The culprit's turn: what it sends must be refused by the check that is there for it, and is on the
    // record.
    result<void> let_cheat(aggregation::collecting_round<Scheme, store>& collecting,
                           const std::vector<float>& update, std::vector<std::int64_t>& plain_sums) {
        const std::uint64_t round = collecting.state().round().header().round;
        const bool honest = cheater_->how().which == attack::replay && round == 1;
        auto message = cheater_->contribute(collecting.state().round(), update, first_body_, rng_);
        if (!message) return message.error();
        const auto receipt = collecting.receive(*message, unix_seconds(), rng_);
        if (honest) {
            if (!receipt) return receipt.error();
            if (auto kept = keep(round, cheater_->id().bytes(), "contribution", receipt->serialize()); !kept)
                return kept;
            return given_.check_plaintext ? add_in_the_clear(update, 1, plain_sums) : result<void>{};
        }
        if (receipt)
            return error{errc::mismatch, "the attack was not refused", 0, std::string(cheater_->how().name)};
        attacks_refused_ += receipt.error().check == cheater_->how().check &&
                            collecting.state().has_refused(cheater_->id().bytes());
        ++attacks_tried_;
        std::printf("      attack %s: refused, %s\n", std::string(cheater_->how().name).c_str(),
                    receipt.error().describe().c_str());
        return {};
    }

    // The budget with this round booked.
    result<veilsum::privacy::accountant> book(const aggregation::session_register<Scheme>& standing,
                                              std::uint64_t round) const {
        namespace privacy = veilsum::privacy;
        privacy::privacy_terms terms;
        terms.scope = standing.facts().id;
        terms.epsilon_micro = static_cast<std::uint64_t>(given_.epsilon * 1e6);
        terms.delta_atto = static_cast<std::uint64_t>(given_.delta * 1e18);
        auto made = privacy::accountant::open(terms);
        if (!made) return made.error();
        if (standing.budget()) *made = *standing.budget();
        if (auto charged = made->charge(round, *noise_, norm_); !charged) return charged.error();
        return made;
    }

    // A trustee reads what is new on the record and checks all of it by itself.
    result<void> catch_up(trustee& reader, const store& log) {
        std::uint64_t& next = read_by_[reader.party().index()];
        for (next = std::max<std::uint64_t>(next, 1); next < log.size(); ++next) {
            const auto record = log.read(next);
            if (!record) return record.error();
            if (auto followed = reader.follow(*record, aggregation::bodies_of(log), rng_); !followed)
                return followed;
        }
        return {};
    }

    result<void> add_in_the_clear(std::span<const float> update, std::uint32_t weight,
                                  std::vector<std::int64_t>& sums) const {
        const auto quantised = veilsum::encoding::quantise(update, format_);
        if (!quantised) return quantised.error();
        for (std::size_t j = 0; j < sums.size(); ++j)
            sums[j] += static_cast<std::int64_t>(weight) * (*quantised)[j];
        return {};
    }

    // The same quantised updates, summed in the clear, must give the same weights to the last bit.
    result<void> compare_with_plaintext(std::span<const std::int64_t> sums, const aggregation::model& opened,
                                        std::uint64_t round, std::uint64_t counted) {
        auto next = shadow_->updated(sums, counted, format_);
        if (!next) return next.error();
        shadow_ = *std::move(next);
        if (shadow_->serialize() != opened.serialize())
            return error{errc::mismatch, "weights differ from the plaintext run", 0,
                         "round " + std::to_string(round)};
        return {};
    }

    void print_row(const round_metrics& row) const {
        std::printf("%5llu %8.2f%% %8.4f %8zu %11s %9s |", static_cast<unsigned long long>(row.round),
                    100 * row.accuracy, row.loss, row.accepted,
                    examples::human_bytes(static_cast<double>(row.contribution_bytes)).c_str(),
                    examples::human_bytes(static_cast<double>(row.partial_bytes)).c_str());
        for (std::size_t p = 0; p < 5; ++p)
            std::printf(" %9s", examples::human_seconds(row.seconds[p]).c_str());
        std::printf(" %9s", examples::human_seconds(row.total_seconds()).c_str());
        if (noise_) std::printf(" %9.4f", row.epsilon);
        std::printf("\n");
        std::fflush(stdout);
    }

    result<void> finish(idle&& session, const aggregation::model& model) {
        const std::string page = html_report(facts_, rounds_);
        const bytes weights = model.serialize();
        aggregation::session_end last;
        for (const auto& [name, data] : {std::pair<std::string, veilsum::byte_view>{"model.bin", weights},
                                         {"report.html", veilsum::as_bytes(page)}}) {
            if (auto written = examples::write_new_file(record_ / name, data); !written) return written;
            last.artifacts.push_back({name, veilsum::hash::sha256(data)});
        }
        if (auto ended = std::move(session).end(last, rng_); !ended) return ended.error();

        std::printf("\nmodel        %s, %.2f %% test accuracy\n", (record_ / "model.bin").c_str(),
                    100 * rounds_.back().accuracy);
        if (given_.check_plaintext)
            std::printf("plaintext    the weights equal, bit for bit, those of summing the same updates in "
                        "the clear (%zu rounds)\n",
                        rounds_.size());
        std::printf(
            "scheme       Paillier with threshold decryption, %zu-bit key, short exponents of %u bits\n",
            std::size_t{Scheme::modulus_bits}, layout_.a);
        std::printf("proofs       on: value range, update norm, ciphertexts equal to commitments (each "
                    "contribution),\n             correct partial decryption (each trustee)\n");
        if (cheater_) {
            std::printf(
                "attack       %s: sent %zu times, refused %zu times by check %u, on the record as %s\n",
                std::string(cheater_->how().name).c_str(), attacks_tried_, attacks_refused_,
                cheater_->how().check, aggregation::name_of(cheater_->id()).c_str());
            if (attacks_refused_ != attacks_tried_)
                return error{errc::mismatch, "the attack was refused by another check"};
        }
        if (noise_)
            std::printf("privacy      %s\n             no proof shows that a client added its noise\n",
                        facts_.privacy.c_str());
        std::printf("session      %s\n", facts_.session.c_str());
        std::printf("record       %s\n", record_.c_str());
        std::printf("receipts     %s\n", receipts_.c_str());
        std::printf("report       %s\n", std::filesystem::absolute(record_ / "report.html").c_str());
        return {};
    }

    const options& given_;
    const learning_task& task_;
    learner learner_;
    std::filesystem::path record_;
    std::filesystem::path private_;
    std::filesystem::path receipts_;
    veilsum::random::system_random rng_;
    std::optional<veilsum::threshold::structure> structure_;
    veilsum::encoding::fixed_point format_;
    veilsum::encoding::layout_parameters layout_{};
    std::optional<examples::dealt_ceremony<Scheme>> dealt_;
    std::optional<veilsum::privacy::noise_plan> noise_; // with a privacy budget
    std::uint64_t norm_ = 0;                            // bound of the squared norm without noise
    std::vector<std::uint32_t> weights_;                // of the clients
    std::optional<attack_name> attack_;
    std::vector<client> clients_;
    std::optional<cheating_client<Scheme>> cheater_; // the last of the roster
    bytes first_body_;                               // what the first client sent to the current round
    std::size_t attacks_tried_ = 0, attacks_refused_ = 0;
    std::vector<trustee> trustees_;
    std::map<std::uint32_t, std::uint64_t> read_by_;
    std::optional<aggregation::model> shadow_;
    std::vector<round_metrics> rounds_;
    run_facts facts_;
};

} // namespace train
