// Two whole sessions at toy size, one for each proof suite, with every kind of record: an equivocating
// client, a wrong partial decryption, two rounds with a result, one that is given up, clients that come and
// go. Include it before anything that names a scheme.
#pragma once

#include "support/toy_session.hpp"

#include "fuzz/decoders.hpp"

#include <veilsum/aggregation/light_session.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::fuzz {

using scheme = test::session_scheme;

struct session_world {
    test::toy_session parties;
    test::session_store log;
    std::vector<sign::signing_key> trustee_keys;
    std::size_t first_round = 0; // its round_opened
    std::size_t first_result = 0;
    std::vector<hash::digest32> models; // before, between and after the rounds

    explicit session_world(aggregation::proof_suite suite) : parties(options(suite)) {
        // As toy_session draws them.
        test::seeded_random same(options(suite).seed);
        const auto who = threshold::structure::create(options(suite).quorum, options(suite).trustees);
        const auto dealt =
            threshold::deal(test::fixed_prime_pair<512>(), parties.ceremony->key, who.value(), same);
        require_value(dealt, "dealing");
        for (std::uint32_t i = 0; i < options(suite).trustees; ++i)
            trustee_keys.push_back(sign::signing_key::generate(same));

        models.push_back(parties.model->digest());
        first_round = static_cast<std::size_t>(parties.session->store().size());
        auto round = parties.open_round();
        for (std::size_t i = 0; i < parties.clients.size(); ++i)
            require_value(parties.send(round, i), "contribution");
        // Client 2 sends a second one.
        const auto first =
            aggregation::contribution_record::parse(round.store().read(round.store().size() - 1)->body);
        const auto body = round.store().get_body(first->header.body, std::size_t{1} << 20);
        const auto second = parties.spoil(round, 2, *body);
        require(!round.receive(second.serialize(), test::toy_session::opening_time + 11, parties.rng),
                "equivocation is refused");
        auto opening = parties.close(round);
        require_value(parties.answer(opening, 1), "answer");
        require_value(parties.answer(opening, 2), "answer");
        auto wrong = parties.partial(opening, 3);
        wrong.body.back() ^= 1;
        wrong.header.body = hash::sha256(wrong.body);
        wrong.header.signature = trustee_keys[2].sign(
            aggregation::partial_label,
            wrong.header.signed_message(opening.state().round(), opening.state().aggregate_digest()));
        require(!opening.receive(wrong.serialize(), parties.rng), "a wrong partial decryption is refused");
        first_result = static_cast<std::size_t>(opening.store().size());
        parties.finish(opening);
        models.push_back(parties.model->digest());
        // Client 2 leaves and comes back, client 0 is removed and comes back.
        const auto enrol = [&](std::size_t i, std::uint32_t weight, std::uint64_t serial) {
            const auto message = parties.clients[i].enrol(weight, serial);
            require_value(parties.session->enrol(message, parties.rng), "enrolment");
        };
        enrol(2, 0, 1);
        enrol(2, 1, 2);
        require_value(parties.session->remove(parties.clients[0].id(), parties.rng), "removal");
        enrol(0, 1, 1);
        parties.run_round();
        models.push_back(parties.model->digest());
        // A round that nobody opens.
        auto given_up = parties.open_round();
        for (std::size_t i = 0; i < parties.clients.size(); ++i)
            require_value(parties.send(given_up, i), "contribution");
        auto closed = parties.close(given_up);
        auto idle = std::move(closed).abandon(parties.rng);
        require_value(idle, "giving up");
        parties.session.emplace(*std::move(idle));
        log = parties.end({{{"weights.txt", hash::sha256(as_bytes("weights"))}}});
    }
    static test::toy_options options(aggregation::proof_suite suite) {
        // A privacy budget wants equal weights.
        const std::uint32_t second = suite == aggregation::proof_suite::validity ? 1 : 2;
        return {.weights = {1, second, 1}, .values = 20, .seed = 21, .suite = suite};
    }

    audit::record record(std::size_t index) const { return log.read(index).value(); }
    // The records of a type.
    std::vector<audit::record> records(aggregation::record_type type) const {
        std::vector<audit::record> out;
        for (std::size_t i = 0; i < log.size(); ++i)
            if (record(i).type == static_cast<std::uint16_t>(type)) out.push_back(record(i));
        return out;
    }
    bytes body(const hash::digest32& digest) const {
        return log.get_body(digest, std::size_t{1} << 24).value();
    }
    sign::signing_key client_key(std::size_t i) const {
        return test::toy_session::key_of(parties.client_seeds[i]);
    }
};

inline const session_world& session_of(std::size_t number) {
    static const session_world knowledge(aggregation::proof_suite::plaintext_knowledge);
    if (number % 2 == 0) return knowledge;
    static const session_world validity(aggregation::proof_suite::validity);
    return validity;
}

} // namespace veilsum::fuzz
