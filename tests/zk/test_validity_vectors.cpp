// The submissions published with the specification of validity proofs (tests/vectors/validity-vectors.json),
// made by an implementation that shares no code with this library: three keys of 512 bits, all options, none,
// L2 only.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/published_validity.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/group/generators.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/zk/validity_verifier.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using nlohmann::json;

namespace {

using toy = test::toy_scheme<1>;

const json& vectors() {
    return test::published_validity();
}

struct vector_case : test::published_case {
    paillier::public_key<toy> key;

    explicit vector_case(const json& given)
        : published_case(given), key(*paillier::public_key<toy>::create(
                                     *integer::bigint::from_hex(given["n_hex"].get<std::string>()),
                                     *integer::bigint::from_hex(given["h_hex"].get<std::string>()))) {}
};

} // namespace

TEST_CASE("validity vectors: generators and audit weights") {
    for (const auto& [name, expected] : vectors()["generators"].items()) {
        const std::string kind = name.substr(0, 1);
        const auto index = static_cast<std::uint32_t>(std::stoul(name.substr(2)));
        CHECK(to_hex(group::generator(kind, index).bytes()) == expected.get<std::string>());
    }
    for (const auto& [name, expected] : vectors()["audit_weights"].items())
        CHECK(to_hex(pedersen::audit_weight(static_cast<std::uint32_t>(std::stoul(name))).bytes()) ==
              expected.get<std::string>());
}

TEST_CASE("validity vectors: accepted, and refused for the published reason") {
    test::seeded_random rng(4);
    std::size_t accepted = 0, refused = 0;
    for (const json& given : vectors()["cases"]) {
        CAPTURE(given["name"].get<std::string>());
        const vector_case made(given);
        CHECK(to_hex(made.layout.digest()) == given["params_digest"].get<std::string>());
        CHECK(made.key.residue_base() == *integer::bigint::from_hex(given["hs_hex"].get<std::string>()));
        const zk::validity_verifier<toy> verifier(made.key, made.layout);
        CHECK(verifier.shape().total() == given["submission_len"].get<std::size_t>());
        const auto verdict = [&](const json& submission) {
            const auto checked = verifier.verify(zk::validity_transcript(made.context),
                                                 test::published_bytes(submission["submission_hex"]), rng);
            return checked ? 0u : checked.error().check;
        };
        CHECK(verdict(given) == 0);
        ++accepted;
        for (const json& other : given["also_accepted"]) {
            CHECK(verdict(other) == 0);
            ++accepted;
        }
        for (const json& bad : given["negative"]) {
            CAPTURE(bad["what"].get<std::string>());
            CHECK(verdict(bad) == bad["code"].get<std::uint32_t>());
            ++refused;
        }
    }
    CHECK(accepted == 6);
    CHECK(refused == 45);
}

TEST_CASE("validity vectors: every state of the transcript and every challenge") {
    for (const json& given : vectors()["cases"]) {
        const vector_case made(given);
        const bytes sent = test::published_bytes(given["submission_hex"]);
        const zk::validity_shape shape(made.layout);
        using field = zk::validity_field;
        const auto view = [&](field which) { return shape.view(sent, which); };
        // The states in the file are those after each operation; the last one fixes all before it.
        zk::validity_transcript script(made.context);
        zk::validity_challenges said;
        const auto digest = pedersen::row_digest(view(field::rows));
        CHECK(to_hex(digest) == given["row_digest"].get<std::string>());
        script.statement(digest, view(field::aud), view(field::planes), view(field::slack), view(field::cts));
        script.link_announcement(view(field::Y), view(field::A), view(field::Py), made.layout.rows(), said);
        for (std::size_t i = 0; i < said.e.size(); ++i) {
            const auto expected = integer::bigint::from_hex(given["link_e"][i].get<std::string>().substr(2));
            CHECK(zk::to_integer(said.e[i]) == *expected);
        }
        script.link_response(view(field::z), view(field::zr), view(field::zeta), made.layout.variables(),
                             said);
        for (std::size_t j = 0; j < said.tau.size(); ++j)
            CHECK(to_hex(said.tau[j].bytes()) == given["tau"][j].get<std::string>());
        for (std::size_t j = 0; j < made.layout.variables(); ++j) {
            script.round_polynomial(shape.element(sent, field::P, j), said);
            CHECK(to_hex(said.r[j].bytes()) == given["r"][j].get<std::string>());
        }
        script.evaluations(view(field::V), said);
        transcript::transcript& last = script.script();
        last.absorb("fin.T", view(field::T));
        last.absorb("fin.t", view(field::tt));
        CHECK(to_hex(last.challenge("fin.e")) ==
              given["transcript"].back()["state_or_output"].get<std::string>());
        CHECK(to_hex(last.state()) == given["final_state"].get<std::string>());
    }
}

TEST_CASE("validity vectors: no absorbed item can be left out, nor two exchanged") {
    for (const json& given : vectors()["cases"]) {
        const vector_case made(given);
        const bytes sent = test::published_bytes(given["submission_hex"]);
        const zk::validity_shape shape(made.layout);
        using field = zk::validity_field;
        const auto view = [&](field which) {
            const byte_view part = shape.view(sent, which);
            return bytes(part.begin(), part.end());
        };
        struct step {
            std::string label;
            std::optional<bytes> data; // none: a challenge
        };
        const auto fixed = [](const auto& array) { return bytes(array.begin(), array.end()); };
        const auto& here = made.context;
        const auto digest = pedersen::row_digest(view(field::rows));
        const auto number = hash::length_prefix(here.round);
        std::vector<step> steps{{"session", fixed(here.session)},
                                {"round", fixed(number)},
                                {"client", fixed(here.party)},
                                {"key", fixed(here.key)},
                                {"params", fixed(here.parameters)},
                                {"binding", fixed(here.binding)},
                                {"rows", fixed(digest)},
                                {"aud", view(field::aud)},
                                {"planes", view(field::planes)},
                                {"slack", view(field::slack)},
                                {"cts", view(field::cts)},
                                {"link.Y", view(field::Y)},
                                {"link.A", view(field::A)},
                                {"link.P", view(field::Py)},
                                {"link.e", std::nullopt},
                                {"link.z", view(field::z)},
                                {"link.zr", view(field::zr)},
                                {"link.zeta", view(field::zeta)},
                                {"sc.tau", std::nullopt},
                                {"sc.gamma", std::nullopt}};
        for (std::size_t j = 0; j < made.layout.variables(); ++j) {
            const byte_view P = shape.element(sent, field::P, j);
            steps.push_back({"sc.P", bytes(P.begin(), P.end())});
            steps.push_back({"sc.r", std::nullopt});
        }
        for (step last : {step{"fin.V", view(field::V)}, step{"fin.theta", std::nullopt},
                          step{"fin.T", view(field::T)}, step{"fin.t", view(field::tt)}})
            steps.push_back(std::move(last));
        const auto last_challenge = [](const std::vector<step>& run) {
            transcript::transcript script(zk::validity_protocol);
            for (const step& each : run) {
                if (each.data)
                    script.absorb(each.label, *each.data);
                else
                    (void)script.challenge(each.label);
            }
            return to_hex(script.challenge("fin.e"));
        };
        const std::string honest = last_challenge(steps);
        CHECK(honest == given["transcript"].back()["state_or_output"].get<std::string>());
        std::size_t left_out = 0;
        for (std::size_t at = 0; at < steps.size(); ++at) {
            std::vector<step> fewer = steps;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at));
            CHECK(last_challenge(fewer) != honest);
            left_out += steps[at].data.has_value() ? 1 : 0;
            if (at == 0) continue;
            std::vector<step> exchanged = steps;
            std::swap(exchanged[at - 1], exchanged[at]);
            CHECK(last_challenge(exchanged) != honest);
        }
        CHECK(left_out == 20 + made.layout.variables());
    }
}
