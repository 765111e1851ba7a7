#include "support/simulated_parties.hpp"

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/zk/validity_prover.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

namespace veilsum::test {

sign::signing_key key_of_seed(byte_array<32> seed) {
    return sign::signing_key::from_seed(secret(std::move(seed)));
}

namespace {

constexpr hash::digest32 ceremony_id{0x51};
constexpr std::uint32_t columns = 48; // the least is twice 19 to 21 digits, for weights up to 3

const zk::key_proof<session_scheme>& proof_of_key() {
    static const zk::key_proof<session_scheme> proof = [] {
        seeded_random rng(72);
        const auto& key = fixed_public_key<session_scheme>();
        return take(zk::prove_key(aggregation::ceremony<session_scheme>::key_context(ceremony_id, key),
                                  fixed_prime_pair<512>(), key, rng),
                    "proof of the key");
    }();
    return proof;
}
threshold::dealing<session_scheme> deal(std::uint64_t seed, const threshold::structure& who) {
    seeded_random rng(seed);
    return take(threshold::deal(fixed_prime_pair<512>(), fixed_public_key<session_scheme>(), who, rng),
                "dealing");
}
std::vector<byte_array<32>> signing_seeds(std::uint64_t seed, std::uint32_t count) {
    seeded_random rng(seed + 1'000'000);
    std::vector<byte_array<32>> seeds;
    for (std::uint32_t i = 0; i < count; ++i) seeds.push_back(random::random_bytes<32>(rng));
    return seeds;
}

} // namespace

foundation::foundation(std::uint32_t quorum, std::uint32_t trustees)
    : foundation(quorum * 100 + trustees, take(threshold::structure::create(quorum, trustees), "structure")) {
}

foundation::foundation(std::uint64_t seed, const threshold::structure& who)
    : dealing_(deal(seed, who)), seeds_(signing_seeds(seed, who.trustees())),
      ceremony_{ceremony_id, fixed_public_key<scheme>(), proof_of_key(), dealing_.verification, {}, {}} {
    for (std::uint32_t i = 1; i <= who.trustees(); ++i) ceremony_.trustees.push_back(identity(i).verifying());
    for (std::uint32_t i = 1; i <= who.trustees(); ++i)
        ceremony_.acknowledgements.push_back(
            take(aggregation::acknowledge(ceremony_, dealing_.shares[i - 1], identity(i)), "acknowledge"));
}

const foundation& foundation::of(std::uint32_t quorum, std::uint32_t trustees) {
    static std::mutex one_at_a_time;
    static std::map<std::pair<std::uint32_t, std::uint32_t>, std::unique_ptr<const foundation>> made;
    const std::lock_guard lock(one_at_a_time);
    auto& place = made[{quorum, trustees}];
    if (!place) place = std::make_unique<const foundation>(quorum, trustees);
    return *place;
}

const std::shared_ptr<const paillier::encryptor<session_scheme>>& foundation::encryptor() {
    using encryptor = paillier::encryptor<session_scheme>;
    static const auto made = std::make_shared<const encryptor>(fixed_public_key<session_scheme>());
    return made;
}

threshold::key_share<session_scheme> foundation::share(std::uint32_t index) const {
    return take(
        threshold::key_share<scheme>::parse(ceremony_.key, dealing_.shares[index - 1].serialize().expose()),
        "key share");
}

sign::signing_key foundation::identity(std::uint32_t index) const {
    return key_of_seed(seeds_[index - 1]);
}

aggregation::round_header simulated_header(const session_plan& plan, std::size_t round) {
    constexpr std::uint32_t values = 4;
    aggregation::round_header made;
    made.format = {18, 24, 3.5};
    auto& layout = made.layout;
    layout.nbits = static_cast<std::uint32_t>(session_scheme::modulus_bits);
    layout.b = made.format.value_bits;
    for (const std::uint32_t weight : plan.weights) {
        layout.m += weight;
        layout.wmax = std::max(layout.wmax, weight);
    }
    layout.d = values;
    layout.flags = encoding::flag_audit;
    if (plan.validity) {
        made.suite = aggregation::proof_suite::validity;
        layout.flags |= encoding::flag_l2;
        layout.B2 = encoding::norm_bound_bytes(
            encoding::squared_norm_bound(made.format, values, encoding::rounding::nearest));
    } else {
        made.suite = aggregation::proof_suite::plaintext_knowledge;
    }
    layout.a = static_cast<std::uint32_t>(paillier::short_exponent::bits<session_scheme::modulus_bits>);
    layout.md = encoding::smallest_digit_count(layout.b, layout.wmax);
    layout.C = columns;
    made.minimum_cohort = plan.minimum_cohort;
    made.opens_at = simulated_opening(round);
    made.closes_at = simulated_closing(round);
    return made;
}

bytes client_software::made(const aggregation::round_facts& facts, const encoding::matrix_layout& layout,
                            std::span<const std::int32_t> values, const integer::bigint& shift) {
    auto rows = take(encoding::lay_out(layout, values, rng_), "rows");
    auto blocks = take(encoding::pack_rows(layout, rows), "blocks");
    blocks.expose().front() += shift;
    const byte_array<32> client = id();
    if (facts.header().suite == aggregation::proof_suite::validity) {
        const zk::validity_prover<scheme> prover(foundation::encryptor(), layout);
        return take(prover.prove(zk::validity_transcript(facts.context_of(client)), std::move(rows),
                                 paillier::plaintext_vector(std::move(blocks)), rng_),
                    "validity proof");
    }
    const auto blindings = pedersen::row_blindings(layout, rows);
    static const pedersen::generators generators(columns);
    require(layout.columns() == columns, "columns of a simulated round");
    bytes body;
    for (const auto& row : pedersen::commit_rows(generators, rows, blindings, layout.value_bits())) {
        const auto encoded = row.bytes();
        body.insert(body.end(), encoded.begin(), encoded.end());
    }
    const paillier::plaintext_vector plaintexts(std::move(blocks));
    const auto& encryptor = *foundation::encryptor();
    const auto encrypted = take(encryptor.encrypt(plaintexts, rng_), "encryption");
    using knowledge = zk::plaintext_knowledge<scheme>;
    const std::size_t data_rows = 32 * layout.data_rows();
    const auto context = aggregation::contribution_context(facts, client, byte_view(body).first(data_rows),
                                                           byte_view(body).subspan(data_rows));
    const auto statement =
        take(knowledge::statement::create(encryptor.key(), encrypted.ciphertexts), "statement");
    const auto proof = take(
        knowledge::prove(context, statement, {encryptor, plaintexts, encrypted.exponents}, rng_), "proof");
    for (const bytes& part : {encrypted.ciphertexts.serialize(), proof.serialize(statement)})
        body.insert(body.end(), part.begin(), part.end());
    return body;
}

bytes client_software::of_other_session(std::span<const std::int32_t> values) {
    hash::digest32 other = facts_.session();
    other[0] ^= 1;
    const auto& header = facts_.header();
    const aggregation::round_terms terms{
        other, header.key, session_.policy, header.round, header.model_number, {}, header.layout.d};
    const auto elsewhere =
        take(aggregation::check_round<scheme>(header, facts_.binding(), terms, facts_.members()),
             "round of another session");
    return made(elsewhere, elsewhere.layout(), values, {});
}

bytes client_software::above_norm() {
    // The least vector of this kind above the bound: as near to it from below as the first values come, the
    // last rounded up.
    integer::bigint left = facts_.layout().norm_bound() + 1;
    std::uint64_t squares = 0;
    std::vector<std::int32_t> values(facts_.layout().values());
    for (std::size_t j = 0; j < values.size(); ++j) {
        integer::bigint root = isqrt(left);
        if (j + 1 == values.size() && root * root < left) root += 1;
        left -= root * root;
        values[j] = std::stoi(root.to_decimal());
        squares += static_cast<std::uint64_t>(std::int64_t{values[j]} * values[j]);
    }
    auto bent = facts_.layout().parameters();
    bent.B2 = encoding::norm_bound_bytes(squares);
    return made(facts_, take(encoding::matrix_layout::create(bent, scheme::modulus_bits), "layout"), values,
                {});
}

aggregation::contribution_message client_software::sign(bytes body) {
    auto rows = pedersen::parse_rows(byte_view(body).first(32 * facts_.layout().data_rows()),
                                     facts_.layout().data_rows());
    return sign(std::move(body), rows ? pedersen::row_digest(*rows) : hash::digest64{});
}

aggregation::contribution_message client_software::sign(bytes body, const hash::digest64& rows) {
    aggregation::contribution_message message;
    message.body = std::move(body);
    message.header = {facts_.header().round, id(), rows, hash::sha256(message.body), {}};
    message.header.signature =
        identity_.sign(aggregation::contribution_label, message.header.signed_message(facts_));
    return message;
}

} // namespace veilsum::test
