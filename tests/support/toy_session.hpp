// A whole session at toy key size, in memory: what the aggregation tests start from. Include it before
// anything that names a scheme. Deterministic: the same seed gives the same bytes everywhere.
//
//     test::toy_session world;                       3 clients of weight 1, trustees 2 of 3
//     auto round = world.open_round();               collecting
//     world.send(round, 0);                          client 0 contributes; returns what the aggregator
//     answered auto opening = world.close(round); world.answer(opening, 1);                      trustee 1
//     world.finish(opening);
#pragma once

#include "support/session_instances.hpp"

#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/threshold/dealer.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

struct toy_options {
    std::vector<std::uint32_t> weights = {1, 1, 1}; // one a client
    std::uint32_t quorum = 2;
    std::uint32_t trustees = 3;
    std::uint32_t minimum_cohort = 2;
    std::uint32_t values = 100;
    std::uint64_t seed = 1;
    aggregation::proof_suite suite = aggregation::proof_suite::plaintext_knowledge;
};

class toy_session {
  public:
    using scheme = session_scheme;
    using store = session_store;
    using client = aggregation::client<scheme, aggregation::memory_outbox>;
    using trustee = aggregation::trustee<scheme>;
    using idle = aggregation::idle_session<scheme, store>;
    using collecting = aggregation::collecting_round<scheme, store>;
    using opening = aggregation::opening_round<scheme, store>;

    static constexpr std::uint64_t opening_time = 1000;
    static constexpr std::uint64_t closing_time = 2000;

    static constexpr hash::digest32 ceremony_id{0x7e};
    // The proof of the toy key under that id, made once.
    static const zk::key_proof<scheme>& proof_of_fixed_key();

    explicit toy_session(toy_options options = {});
    ~toy_session();

    static sign::signing_key key_of(byte_array<32> seed);
    sign::signing_key aggregator_key() const { return key_of(aggregator_seed); }

    // A round header that passes pre-flight.
    aggregation::round_header header() const;

    // Every client with its weight, in a session where none has enrolled yet.
    void enrol_clients(idle& into);
    collecting open_round();

    // What client i wants to add: values in +-0.5, different for each client and round.
    std::vector<float> update(std::size_t i) const;
    aggregation::pending_contribution contribute(const collecting& round, std::size_t i);
    result<audit::receipt> send(collecting& round, std::size_t i, std::uint64_t now = opening_time + 10);

    opening close(collecting& round, std::uint64_t now = closing_time + 1);

    // Trustee `index` (from 1) reads the record so far.
    result<void> catch_up(std::uint32_t index, const store& log);
    aggregation::partial_message partial(const opening& round, std::uint32_t index);
    result<void> answer(opening& round, std::uint32_t index);
    // A contribution whose ciphertexts hold zeros, with a good proof, beside the row commitments at the front
    // of `body`.
    aggregation::contribution_message spoil(const collecting& round, std::size_t i, byte_view body);

    // What trustee `index` has besides its journal.
    struct trustee_secrets {
        threshold::key_share<scheme> share;
        sign::signing_key identity;
    };
    trustee_secrets secrets_of(std::uint32_t index) const;

    // Trustee `index` as its restarted process: same share and identity, journal as it is on disk, nothing
    // read yet.
    trustee restarted(std::uint32_t index, const aggregation::session_state<scheme>& fresh);

    // Combines, keeps the session and the new model, returns the opened sums.
    std::vector<std::int64_t> finish(opening& round);

    // One honest round by everybody.
    std::vector<std::int64_t> run_round();

    store end(const aggregation::session_end& last = {});

    aggregation::audit_verdict audit(const store& log, const aggregation::step_watcher& watcher = {});

    // sum_i weight_i quantised(update i) over the given clients, in the clear.
    std::vector<std::int64_t> plain_sum(const std::vector<std::size_t>& counted) const;

  private:
    toy_options options_;
    temporary_folder folder_;
    std::vector<std::uint64_t> read_;
    std::uint64_t clients_round_ = 1;

    trustee make_trustee(threshold::key_share<scheme>&& share, sign::signing_key&& identity);

  public:
    seeded_random rng;
    byte_array<32> aggregator_seed{};
    std::vector<byte_array<32>> client_seeds;
    std::optional<aggregation::ceremony<scheme>> ceremony;
    std::optional<idle> session;
    std::optional<aggregation::roster> roster;
    std::vector<client> clients;
    std::vector<trustee> trustees;
    std::optional<aggregation::model> model;
};

} // namespace veilsum::test
