// Writes a record in which everything happens that can happen between rounds, for the test of its page:
//
//     full_session FOLDER
//
//     FOLDER/record       with a privacy budget; clients 0 to 4 enrol, client 4 with another weight at first
//       round 1           model 0, everybody; client 4 is silent
//       between           client 5 enrols, client 0 leaves, client 1 is removed
//       round 2           model 0, two clients drawn of 2 to 4; given up after one answer
//       between           trustees 1 and 3 hand over to another key
//       round 3           model 1, two clients drawn
//       between           client 1 returns
//       round 4           model 0, everybody, of whom one contributes: below the minimum cohort
//     FOLDER/seeds.json   signing seeds of aggregator, clients and trustees (before and after), in
//                         hexadecimal
//
// The keys have 2048 bits, so that `audit` checks the record.
#include "support/ceremony_folder.hpp"
#include "support/scheme_instances.hpp"

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/privacy/accountant.hpp>
#include <veilsum/random/system_random.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using scheme = examples::scheme_of<2048>;
using client = aggregation::client<scheme, aggregation::memory_outbox>;
using trustee = aggregation::trustee<scheme>;
using idle = aggregation::idle_session<scheme, audit::file_store>;
using collecting = aggregation::collecting_round<scheme, audit::file_store>;
using opening = aggregation::opening_round<scheme, audit::file_store>;

constexpr std::uint64_t opens_at = 1'700'000'000;
constexpr std::uint64_t closes_at = opens_at + 3600;
constexpr std::uint32_t values = 8;

template <class Value>
Value must(result<Value> made, int line = __builtin_LINE()) {
    if (made) return *std::move(made);
    std::fprintf(stderr, "full_session, line %d: %s\n", line, made.error().describe().c_str());
    std::exit(1);
}
void must(const result<void>& done, int line = __builtin_LINE()) {
    if (done) return;
    std::fprintf(stderr, "full_session, line %d: %s\n", line, done.error().describe().c_str());
    std::exit(1);
}

class world {
  public:
    explicit world(const std::filesystem::path& folder) : folder_(folder) {
        std::filesystem::create_directories(folder);
        const auto who = must(threshold::structure::create(2, 3));
        before_.emplace(must(examples::deal_ceremony<scheme>(who, rng_, {})));
        after_.emplace(must(examples::deal_ceremony<scheme>(who, rng_, {})));
        for (auto* dealt : {&*before_, &*after_}) {
            auto& list = seeds_[dealt == &*before_ ? "trustees" : "trustees_after"];
            for (const auto& secrets : dealt->trustees)
                list.push_back(to_hex(secrets.identity.expose_seed()));
        }
        const auto seed = random::random_bytes<32>(rng_);
        seeds_["aggregator"] = to_hex(seed);
        session_.emplace(must(idle::open(must(audit::file_store::create(folder / "record")),
                                         before_->ceremony, aggregation::exponent_policy::short_exponent,
                                         "full.example/log", key_of(seed), rng_)));
        for (int i = 0; i < 6; ++i) {
            client_seeds_.push_back(random::random_bytes<32>(rng_));
            seeds_["clients"].push_back(to_hex(client_seeds_.back()));
        }
        for (const std::uint32_t index : {1U, 3U}) {
            auto state = must(aggregation::session_state<scheme>::open(
                must(session_->store().read(0)), aggregation::bodies_of(session_->store())));
            auto& secrets = before_->trustees[index - 1];
            trustees_.emplace(
                index, must(trustee::join(
                           std::move(state), std::move(secrets.share), std::move(secrets.identity),
                           must(audit::journal::open(folder / ("journal-" + std::to_string(index)))))));
        }
        arrive();
    }

    void run() {
        for (const std::size_t i : {0U, 1U, 2U, 3U}) enrol(i, 1);
        enrol(4, 2);
        enrol(4, 1);
        const auto first = must(aggregation::model::of(std::vector<float>(values, 0.25F)));
        const auto second = must(aggregation::model::of(std::vector<float>(values, -1.0F)));
        {
            auto round = open(0, 0, 3, first);
            for (const std::size_t i : {0U, 1U, 2U, 3U}) send(round, i);
            auto closed = close(std::move(round));
            answer(closed, 1);
            answer(closed, 3);
            session_.emplace(std::move(must(std::move(closed).finish(rng_)).session));
        }
        enrol(5, 1);
        enrol(0, 0);
        must(session_->remove(id_of(1), rng_));
        {
            auto round = open(0, 2, 0, session_->state().standing().models()[0]);
            send_all(round);
            auto closed = close(std::move(round));
            answer(closed, 1);
            session_.emplace(must(std::move(closed).abandon(rng_)));
        }
        rotate();
        {
            auto round = open(1, 2, 0, second);
            send_all(round);
            auto closed = close(std::move(round));
            answer(closed, 1);
            answer(closed, 3);
            session_.emplace(std::move(must(std::move(closed).finish(rng_)).session));
        }
        enrol(1, 1);
        {
            auto round = open(0, 0, 3, session_->state().standing().models()[0]);
            send(round, 2);
            auto closed = must(std::move(round).close(closes_at + 1, rng_));
            session_.emplace(std::move(*closed.idle));
        }
        const std::string notes = "a file beside the record\n";
        std::ofstream(folder_ / "record" / "notes.txt") << notes;
        must(std::move(*session_).end({{{"notes.txt", hash::sha256(as_bytes(notes))}}}, rng_));
        std::ofstream(folder_ / "seeds.json") << seeds_.dump(2) << '\n';
    }

  private:
    static sign::signing_key key_of(byte_array<32> seed) {
        return sign::signing_key::from_seed(secret(std::move(seed)));
    }
    aggregation::client_id id_of(std::size_t i) const { return key_of(client_seeds_[i]).verifying(); }

    // Everybody with the key of the ceremony in force.
    void arrive() {
        const auto encryptor = std::make_shared<const client::encryptor>(session_->state().ceremony().key);
        clients_.clear();
        for (const auto& seed : client_seeds_)
            clients_.push_back(must(client::join(session_->state().facts(), encryptor, key_of(seed),
                                                 aggregation::memory_outbox())));
    }
    void enrol(std::size_t i, std::uint32_t weight) {
        const auto serial = session_->state().standing().pool().next_serial(id_of(i));
        must(session_->enrol(clients_[i].enrol(weight, serial), rng_));
    }

    // `missing` clients of the roster may be silent; the noise is planned for the others.
    collecting open(std::uint32_t number, std::uint32_t drawn, std::uint32_t missing,
                    const aggregation::model& start) {
        const auto& standing = session_->state().standing();
        aggregation::round_header header;
        header.format = {8, 16, 1.0};
        header.layout.nbits = 2048;
        header.layout.b = 16;
        header.layout.m = 8;
        header.layout.wmax = 1;
        header.layout.d = values;
        header.layout.flags = encoding::flag_audit | encoding::flag_l2;
        header.layout.a = static_cast<std::uint32_t>(
            aggregation::exponent_bits<scheme>(aggregation::exponent_policy::short_exponent));
        header.layout.md = encoding::smallest_digit_count(header.layout.b, header.layout.wmax);
        const auto slots = must(encoding::slot_layout::create(scheme::plaintext_bits, 16, header.layout.m));
        header.layout.C = encoding::recommended_columns(values, 16, slots.slots(), header.layout.md);
        header.suite = aggregation::proof_suite::validity;
        header.opens_at = opens_at;
        header.closes_at = closes_at;
        header.model_number = number;
        header.drawn = drawn;

        const std::uint64_t norm =
            encoding::squared_norm_bound(header.format, values, encoding::rounding::nearest);
        privacy::privacy_terms terms;
        terms.scope = session_->state().facts().id;
        terms.epsilon_micro = 400 * privacy::micro;
        terms.delta_atto = privacy::atto / 1000;
        auto book = standing.budget() ? *standing.budget() : must(privacy::accountant::open(terms));
        privacy::noise_request wanted{privacy::mechanism::gaussian, must(privacy::ratio::of(1))};
        wanted.clients = static_cast<std::uint32_t>(must(standing.roster_of_next(drawn)).size());
        wanted.missing = missing;
        wanted.dimension = values;
        const auto plan = must(must(privacy::accountant::open(terms)).plan_for(wanted, norm, 8));
        must(book.charge(standing.next_round(), plan, norm));
        header.layout.B2 = encoding::norm_bound_bytes(plan.noised_norm_bound(norm));
        header.minimum_cohort = plan.smallest_cohort();
        return must(std::move(*session_).open_round(header, start, opens_at, rng_, book));
    }
    void send(collecting& round, std::size_t i) {
        std::vector<float> update(values);
        for (std::size_t j = 0; j < update.size(); ++j)
            update[j] = static_cast<float>((3 * i + j) % 7) / 32.0F - 0.1F;
        const auto pending = must(clients_[i].contribute(round.state().round(), update, rng_));
        must(round.receive(pending.message().serialize(), opens_at + 60 * (i + 1), rng_));
    }
    void send_all(collecting& round) {
        for (std::size_t i = 0; i < client_seeds_.size(); ++i)
            if (round.state().round().members().weight_of(id_of(i))) send(round, i);
    }
    opening close(collecting&& round) {
        return std::move(*must(std::move(round).close(closes_at + 1, rng_)).opening);
    }

    void catch_up(std::uint32_t index, const audit::file_store& log) {
        for (std::uint64_t& next = read_.try_emplace(index, 1).first->second; next < log.size(); ++next)
            must(trustees_.at(index).follow(must(log.read(next)), aggregation::bodies_of(log), rng_));
    }
    void answer(opening& round, std::uint32_t index) {
        catch_up(index, round.store());
        must(round.receive(must(trustees_.at(index).answer(rng_)).serialize(), rng_));
    }
    void rotate() {
        std::vector<aggregation::rotation_approval> approvals;
        for (const std::uint32_t index : {1U, 3U}) {
            catch_up(index, session_->store());
            approvals.push_back(must(trustees_.at(index).approve(after_->ceremony)));
        }
        must(session_->rotate(after_->ceremony, approvals, rng_));
        for (const std::uint32_t index : {1U, 3U}) {
            catch_up(index, session_->store());
            auto& secrets = after_->trustees[index - 1];
            must(trustees_.at(index).renew(std::move(secrets.share), std::move(secrets.identity)));
        }
        arrive();
    }

    std::filesystem::path folder_;
    random::system_random rng_;
    std::optional<examples::dealt_ceremony<scheme>> before_, after_;
    nlohmann::json seeds_;
    std::vector<byte_array<32>> client_seeds_;
    std::optional<idle> session_;
    std::vector<client> clients_;
    std::map<std::uint32_t, trustee> trustees_;
    std::map<std::uint32_t, std::uint64_t> read_;
};

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: full_session FOLDER\n");
        return 2;
    }
    world(argv[1]).run();
    return 0;
}
