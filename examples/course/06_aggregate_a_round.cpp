// Lesson 6: a whole round. Three clients contribute, the aggregator checks and adds, two of three trustees
// open the sum. All parties are in this program, and hand each other bytes as they would between machines.
#include "course.hpp"

using namespace course;
using veilsum::audit::memory_store;
using veilsum::sign::signing_key;

int main() {
    veilsum::random::system_random rng;
    // Once: the key ceremony. Everybody gets `ceremony`, each trustee its own share and signing key.
    auto dealt =
        must(aggregation::deal_ceremony<scheme>(must(veilsum::threshold::structure::create(2, 3)), rng));

    // The aggregator opens a session. Its record goes to memory here, to a folder in lesson 8.
    auto session =
        must(idle_session::open(memory_store(), dealt.ceremony, aggregation::exponent_policy::short_exponent,
                                "course.example/log", signing_key::generate(rng), rng));
    // Clients check the session, join with a signing key of their own, and enrol with weight 1.
    const auto encryptor = std::make_shared<const client::encryptor>(dealt.ceremony.key);
    std::vector<client> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(must(client::join(session.state().facts(), encryptor, signing_key::generate(rng),
                                            aggregation::memory_outbox())));
        must(session.enrol(clients.back().enrol(1, 0), rng));
    }
    // Trustees follow the record from its first entry on, each by itself.
    std::vector<trustee> trustees;
    for (auto& [share, identity] : dealt.trustees) {
        auto state = must(aggregation::session_state<scheme>::open(must(session.store().read(0)),
                                                                   aggregation::bodies_of(session.store())));
        trustees.push_back(
            must(trustee::join(std::move(state), std::move(share), std::move(identity), memory_journal())));
    }

    // The round: a model of four weights, units of 2^-12, updates clipped to norm 4, open from second 1000 to
    // 2000.
    const auto model = must(aggregation::model::of({0, 0, 0, 10}));
    const auto header = must(aggregation::plan_round(session.state().standing(), {12, 16, 4.0}, model.size(),
                                                     2 /* smallest cohort */, 1000, 2000));
    auto round = must(std::move(session).open_round(header, model, 1000, rng));

    const std::vector<std::vector<float>> updates = {{0.5F, 1, 0, 0}, {0.25F, -1, 0, 3}, {0, 0, 0.125F, 0}};
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const auto pending = must(clients[i].contribute(round.state().round(), updates[i], rng));
        const auto receipt = must(round.receive(pending.message().serialize(), 1010, rng));
        must(pending.confirm(receipt)); // signed: the aggregator has it on the record
        std::printf("client %zu     accepted\n", i + 1);
    }
    // Nobody contributes twice.
    std::printf("client 1     %s\n",
                refusal(clients[0].contribute(round.state().round(), updates[0], rng)).c_str());

    auto closed = must(std::move(round).close(1020, rng)); // all have sent: no need to wait for 2000
    opening_round& opening = *closed.opening;
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) { // trustee 2 is on holiday
        must(trustees[i].catch_up(opening.store(), rng));
        must(opening.receive(must(trustees[i].answer(rng)).serialize(), rng));
        std::printf("trustee %zu    checked the record and answered\n", i + 1);
    }
    auto finished = must(std::move(opening).finish(rng));
    for (std::size_t j = 0; j < model.size(); ++j)
        std::printf("weight %zu     sum %g, new weight %g\n", j,
                    header.format.decode(finished.opened.sums[j], 1),
                    static_cast<double>(finished.session.state().standing().models()[0].weights()[j]));
    std::printf("record       %llu entries\n",
                static_cast<unsigned long long>(finished.session.store().size()));
}
