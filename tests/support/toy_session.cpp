#include "support/toy_session.hpp"

#include "support/catch.hpp"

namespace veilsum::test {

const zk::key_proof<toy_session::scheme>& toy_session::proof_of_fixed_key() {
    static const zk::key_proof<scheme> proof = [] {
        seeded_random coins(71);
        const auto& key = fixed_public_key<scheme>();
        auto made = zk::prove_key(aggregation::ceremony<scheme>::key_context(ceremony_id, key),
                                  fixed_prime_pair<512>(), key, coins);
        REQUIRE(made);
        return *std::move(made);
    }();
    return proof;
}

toy_session::toy_session(toy_options options) : options_(std::move(options)), rng(options_.seed) {
    const auto who = threshold::structure::create(options_.quorum, options_.trustees);
    REQUIRE(who);
    const auto& key = fixed_public_key<scheme>();
    auto dealt = threshold::deal(fixed_prime_pair<512>(), key, *who, rng);
    REQUIRE(dealt);
    std::vector<sign::signing_key> identities;
    std::vector<sign::verifying_key> signers;
    for (std::uint32_t i = 0; i < options_.trustees; ++i) {
        identities.push_back(sign::signing_key::generate(rng));
        signers.push_back(identities.back().verifying());
    }
    ceremony.emplace(aggregation::ceremony<scheme>{
        ceremony_id, key, proof_of_fixed_key(), dealt->verification, signers, {}});
    for (std::uint32_t i = 0; i < options_.trustees; ++i) {
        auto signature = aggregation::acknowledge(*ceremony, dealt->shares[i], identities[i]);
        REQUIRE(signature);
        ceremony->acknowledgements.push_back(*signature);
    }
    aggregator_seed = random::random_bytes<32>(rng);
    auto opened = idle::open(store(), *ceremony, aggregation::exponent_policy::short_exponent,
                             "toy.example/log", aggregator_key(), rng);
    REQUIRE(opened);
    session.emplace(*std::move(opened));

    const auto encryptor = std::make_shared<const client::encryptor>(key);
    std::vector<aggregation::roster_entry> entries;
    for (const std::uint32_t weight : options_.weights) {
        client_seeds.push_back(random::random_bytes<32>(rng));
        auto joined = client::join(session->state().facts(), encryptor, key_of(client_seeds.back()),
                                   aggregation::memory_outbox());
        REQUIRE(joined);
        entries.push_back({joined->id(), weight});
        clients.push_back(*std::move(joined));
    }
    enrol_clients(*session);
    auto list = aggregation::roster::of(entries);
    REQUIRE(list);
    roster.emplace(*list);
    for (std::uint32_t i = 0; i < options_.trustees; ++i)
        trustees.push_back(make_trustee(std::move(dealt->shares[i]), std::move(identities[i])));

    std::vector<float> weights(options_.values);
    for (std::size_t j = 0; j < weights.size(); ++j) weights[j] = 0.01F * static_cast<float>(j);
    auto made = aggregation::model::of(std::move(weights));
    REQUIRE(made);
    model.emplace(*made);
}

toy_session::~toy_session() = default;

sign::signing_key toy_session::key_of(byte_array<32> seed) {
    return sign::signing_key::from_seed(secret(std::move(seed)));
}

aggregation::round_header toy_session::header() const {
    std::uint32_t total = 0;
    std::uint32_t largest = 1;
    for (const std::uint32_t weight : options_.weights) {
        total += weight;
        largest = std::max(largest, weight);
    }
    aggregation::round_header made;
    made.format = {12, 16, 7.5};
    made.layout.nbits = static_cast<std::uint32_t>(scheme::modulus_bits);
    made.layout.b = 16;
    made.layout.m = total;
    made.layout.wmax = largest;
    made.layout.d = options_.values;
    made.layout.flags = encoding::flag_audit;
    made.suite = options_.suite;
    if (made.suite == aggregation::proof_suite::validity) {
        made.layout.flags |= encoding::flag_l2;
        made.layout.B2 = encoding::norm_bound_bytes(
            encoding::squared_norm_bound(made.format, options_.values, encoding::rounding::nearest));
    }
    made.layout.a = static_cast<std::uint32_t>(paillier::short_exponent::bits<scheme::modulus_bits>);
    made.layout.md = encoding::smallest_digit_count(made.layout.b, made.layout.wmax);
    const auto slots = encoding::slot_layout::create(scheme::plaintext_bits, made.layout.b, made.layout.m);
    REQUIRE(slots);
    made.layout.C =
        encoding::recommended_columns(made.layout.d, made.layout.b, slots->slots(), made.layout.md);
    made.minimum_cohort = options_.minimum_cohort;
    made.opens_at = opening_time;
    made.closes_at = closing_time;
    return made;
}

void toy_session::enrol_clients(idle& into) {
    for (std::size_t i = 0; i < client_seeds.size(); ++i) {
        const auto message = aggregation::sign_enrolment(key_of(client_seeds[i]), into.state().facts().id,
                                                         options_.weights[i], 0);
        REQUIRE(into.enrol(message.message(), rng));
    }
}

toy_session::collecting toy_session::open_round() {
    auto opened = std::move(*session).open_round(header(), *model, opening_time, rng);
    if (!opened) FAIL(opened.error().describe());
    return *std::move(opened);
}

std::vector<float> toy_session::update(std::size_t i) const {
    std::vector<float> values(options_.values);
    const std::uint64_t round = clients_round_;
    for (std::size_t j = 0; j < values.size(); ++j)
        values[j] = static_cast<float>((i * 37 + j * 11 + round * 5) % 101) / 101.0F - 0.5F;
    return values;
}

aggregation::pending_contribution toy_session::contribute(const collecting& round, std::size_t i) {
    auto pending = clients[i].contribute(round.state().round(), update(i), rng);
    if (!pending) FAIL(pending.error().describe());
    return *std::move(pending);
}

result<audit::receipt> toy_session::send(collecting& round, std::size_t i, std::uint64_t now) {
    return round.receive(contribute(round, i).message().serialize(), now, rng);
}

toy_session::opening toy_session::close(collecting& round, std::uint64_t now) {
    auto closed = std::move(round).close(now, rng);
    if (!closed) FAIL(closed.error().describe());
    REQUIRE(closed->opening);
    return *std::move(closed->opening);
}

result<void> toy_session::catch_up(std::uint32_t index, const store& log) {
    for (std::uint64_t& next = read_[index - 1]; next < log.size(); ++next) {
        const auto record = log.read(next);
        REQUIRE(record);
        if (auto followed = trustees[index - 1].follow(*record, aggregation::bodies_of(log), rng); !followed)
            return followed;
    }
    return {};
}

aggregation::partial_message toy_session::partial(const opening& round, std::uint32_t index) {
    if (auto followed = catch_up(index, round.store()); !followed) FAIL(followed.error().describe());
    auto made = trustees[index - 1].answer(rng);
    if (!made) FAIL(made.error().describe());
    return *std::move(made);
}

result<void> toy_session::answer(opening& round, std::uint32_t index) {
    return round.receive(partial(round, index).serialize(), rng);
}

aggregation::contribution_message toy_session::spoil(const collecting& round, std::size_t i, byte_view body) {
    using knowledge = zk::plaintext_knowledge<scheme>;
    const auto& facts = round.state().round();
    const auto& layout = facts.layout();
    const byte_view rows = body.first(32 * layout.data_rows());
    const byte_view audit_rows = body.subspan(rows.size(), 32 * layout.audit_rows());
    const paillier::plaintext_vector zeros(std::vector<integer::bigint>(layout.ciphertexts()));
    const client::encryptor encryptor(ceremony->key);
    const auto encrypted = encryptor.encrypt(zeros, rng);
    REQUIRE(encrypted);
    const auto identity = key_of(client_seeds[i]);
    const auto context =
        aggregation::contribution_context(facts, identity.verifying().bytes(), rows, audit_rows);
    const auto statement = knowledge::statement::create(ceremony->key, encrypted->ciphertexts);
    REQUIRE(statement);
    const auto proof = knowledge::prove(context, *statement, {encryptor, zeros, encrypted->exponents}, rng);
    REQUIRE(proof);
    aggregation::contribution_message message;
    message.body.assign(body.begin(),
                        body.begin() + static_cast<std::ptrdiff_t>(rows.size() + audit_rows.size()));
    for (const bytes& part : {encrypted->ciphertexts.serialize(), proof->serialize(*statement)})
        message.body.insert(message.body.end(), part.begin(), part.end());
    const auto parsed = pedersen::parse_rows(rows, layout.data_rows());
    REQUIRE(parsed);
    message.header = {facts.header().round,
                      identity.verifying().bytes(),
                      pedersen::row_digest(*parsed),
                      hash::sha256(message.body),
                      {}};
    message.header.signature =
        identity.sign(aggregation::contribution_label, message.header.signed_message(facts));
    return message;
}

toy_session::trustee_secrets toy_session::secrets_of(std::uint32_t index) const {
    seeded_random same(options_.seed);
    const auto who = threshold::structure::create(options_.quorum, options_.trustees);
    auto dealt = threshold::deal(fixed_prime_pair<512>(), ceremony->key, *who, same);
    REQUIRE(dealt);
    std::optional<sign::signing_key> identity;
    for (std::uint32_t i = 0; i < index; ++i) identity.emplace(sign::signing_key::generate(same));
    return {std::move(dealt->shares[index - 1]), *std::move(identity)};
}

toy_session::trustee toy_session::restarted(std::uint32_t index,
                                            const aggregation::session_state<scheme>& fresh) {
    auto [share, identity] = secrets_of(index);
    const auto journal_file = folder_.path() / ("journal-" + std::to_string(index));
    const auto copy = folder_.path() / ("journal-restarted-" + std::to_string(index));
    std::filesystem::copy_file(journal_file, copy, std::filesystem::copy_options::overwrite_existing);
    auto journal = audit::journal::open(copy);
    REQUIRE(journal);
    auto joined = trustee::join(fresh, std::move(share), std::move(identity), *std::move(journal));
    if (!joined) FAIL(joined.error().describe());
    return *std::move(joined);
}

std::vector<std::int64_t> toy_session::finish(opening& round) {
    auto finished = std::move(round).finish(rng);
    if (!finished) FAIL(finished.error().describe());
    session.emplace(std::move(finished->session));
    model = session->state().standing().models().front();
    ++clients_round_;
    return std::move(finished->opened.sums);
}

std::vector<std::int64_t> toy_session::run_round() {
    collecting round = open_round();
    for (std::size_t i = 0; i < clients.size(); ++i) REQUIRE(send(round, i));
    opening opened = close(round);
    for (std::uint32_t i = 1; i <= options_.trustees; ++i) REQUIRE(answer(opened, i));
    return finish(opened);
}

toy_session::store toy_session::end(const aggregation::session_end& last) {
    auto ended = std::move(*session).end(last, rng);
    REQUIRE(ended);
    return *std::move(ended);
}

aggregation::audit_verdict toy_session::audit(const store& log, const aggregation::step_watcher& watcher) {
    return aggregation::audit_session<scheme>(log, {}, {}, rng, watcher);
}

std::vector<std::int64_t> toy_session::plain_sum(const std::vector<std::size_t>& counted) const {
    std::vector<std::int64_t> sums(options_.values, 0);
    for (const std::size_t i : counted) {
        const auto quantised = encoding::quantise(update(i), header().format);
        REQUIRE(quantised);
        for (std::size_t j = 0; j < sums.size(); ++j)
            sums[j] += std::int64_t{options_.weights[i]} * (*quantised)[j];
    }
    return sums;
}

toy_session::trustee toy_session::make_trustee(threshold::key_share<scheme>&& share,
                                               sign::signing_key&& identity) {
    const auto first = session->store().read(0);
    REQUIRE(first);
    auto state = aggregation::session_state<scheme>::open(*first, aggregation::bodies_of(session->store()));
    REQUIRE(state);
    auto journal =
        audit::journal::open(folder_.path() / ("journal-" + std::to_string(share.index().index())));
    REQUIRE(journal);
    auto joined =
        trustee::join(*std::move(state), std::move(share), std::move(identity), *std::move(journal));
    if (!joined) FAIL(joined.error().describe());
    read_.push_back(1);
    return *std::move(joined);
}

} // namespace veilsum::test
