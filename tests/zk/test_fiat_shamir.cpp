// The generic transformation, on a toy protocol: knowledge of a discrete logarithm modulo a small prime, with
// a response that is withheld as often as the test likes.
#include "support/catch.hpp"
#include "support/scripted_random.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/fiat_shamir.hpp>

#include <cstdint>
#include <set>
#include <vector>

using namespace veilsum;

namespace {

constexpr std::uint64_t prime = 2147483647; // 2^31 - 1
constexpr std::uint64_t generator = 7;      // of all residues

std::uint64_t power(std::uint64_t base, std::uint64_t exponent) {
    std::uint64_t out = 1;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) out = out * base % prime;
        base = base * base % prime;
    }
    return out;
}

struct logarithm {
    static constexpr std::string_view label = "test.logarithm/1";

    struct statement {
        std::uint64_t y;
        std::uint64_t withheld_of_4 = 0; // how many of four responses are withheld
        int* hashed = nullptr;
    };
    struct witness {
        std::uint64_t x;
        std::vector<std::uint64_t>* announced = nullptr;
    };
    struct announcement {
        std::uint64_t a;
    };
    class announcement_secret {
      public:
        explicit announcement_secret(std::uint64_t r) : r_(r) {}
        announcement_secret(announcement_secret&&) = default;
        announcement_secret& operator=(announcement_secret&&) = default;
        std::uint64_t r() const { return r_; }

      private:
        std::uint64_t r_;
    };
    using challenge = std::uint64_t;
    struct response {
        std::uint64_t z;
    };

    static result<void> fits(const statement&, const witness& known) {
        if (known.x >= prime - 1) return error{errc::out_of_range, "logarithm"};
        return {};
    }
    template <class Source>
    static zk::announced<announcement, announcement_secret> announce(const statement&, const witness& known,
                                                                     Source& rng) {
        std::uint64_t r = 0;
        for (const std::uint8_t byte : random::random_bytes<8>(rng)) r = r << 8 | byte;
        r %= prime - 1;
        if (known.announced != nullptr) known.announced->push_back(power(generator, r));
        return {announcement{power(generator, r)}, announcement_secret(r)};
    }
    static std::optional<response> respond(const statement& claim, const witness& known,
                                           announcement_secret&& masks, const challenge& e) {
        if (e % 4 < claim.withheld_of_4) return std::nullopt;
        return response{(masks.r() + e % (prime - 1) * known.x) % (prime - 1)};
    }
    static result<void> check_form(const statement&, const announcement&, const response& answer) {
        if (answer.z >= prime - 1) return error{errc::out_of_range, "response", 1};
        return {};
    }
    static result<void> check(const statement& claim, const announcement& first, const challenge& e,
                              const response& answer) {
        if (auto form = check_form(claim, first, answer); !form) return form;
        if (power(generator, answer.z) != first.a * power(claim.y, e % (prime - 1)) % prime)
            return error{errc::bad_proof, "logarithm", 2};
        return {};
    }
    static secret<bytes> nonce_seed(const statement&, const witness& known) {
        wire::writer out;
        out.u64(known.x);
        return secret<bytes>(std::move(out).take());
    }
    static void append_to(transcript::transcript& script, const statement& claim) {
        if (claim.hashed != nullptr) ++*claim.hashed;
        script.absorb_u64("y", claim.y);
    }
    static void append_to(transcript::transcript& script, const announcement& first) {
        script.absorb_u64("a", first.a);
    }
    static challenge draw_challenge(transcript::transcript& script, const statement&) {
        const auto drawn = script.challenge("e");
        return drawn[0] + std::uint64_t{256} * drawn[1];
    }
    static std::size_t proof_bytes(const statement&) { return 16; }
    static bytes serialize(const statement&, const announcement& first, const response& answer) {
        wire::writer out;
        out.u64(first.a);
        out.u64(answer.z);
        return std::move(out).take();
    }
    static result<zk::conversation<announcement, response>> parse(const statement&, byte_view data) {
        wire::reader in(data);
        const std::uint64_t a = in.u64(), z = in.u64();
        if (auto end = in.finish(); !end) return end.error();
        return zk::conversation<announcement, response>{{a}, {z}};
    }
};
static_assert(zk::sigma_protocol<logarithm>);

struct shares_masks : logarithm {
    struct announcement_secret {}; // copyable: could be used twice
};
static_assert(!zk::sigma_protocol<shares_masks>);

transcript::transcript context(std::string_view who = "alice") {
    transcript::transcript made("veilsum.test/1");
    made.absorb("who", as_bytes(who));
    return made;
}

} // namespace

TEST_CASE("fiat-shamir: proofs verify in their own context only", "[zk]") {
    tests::seeded_random rng(1);
    const logarithm::statement claim{power(generator, 123456)};
    const auto made = zk::prove<logarithm>(context(), claim, {123456}, rng);
    REQUIRE(made);
    CHECK(zk::verify<logarithm>(context(), claim, *made));
    const auto elsewhere = zk::verify<logarithm>(context("bob"), claim, *made);
    REQUIRE_FALSE(elsewhere);
    CHECK(elsewhere.error().code == errc::bad_proof);
    CHECK(elsewhere.error().check == 2);
    CHECK(made->serialize(claim).size() == zk::proof<logarithm>::size_bytes(claim));
}

TEST_CASE("fiat-shamir: label, statement and announcement are hashed in this order", "[zk]") {
    const logarithm::statement claim{1234};
    const logarithm::announcement first{77};
    transcript::transcript script = context();
    script.absorb("proof", as_bytes("test.logarithm/1"));
    script.absorb_u64("y", 1234);
    CHECK(zk::bind<logarithm>(context(), claim) == script);
    script.absorb_u64("a", 77);
    const auto by_hand = logarithm::draw_challenge(script, claim);
    CHECK(zk::derive_challenge<logarithm>(zk::bind<logarithm>(context(), claim), claim, first) == by_hand);
}

TEST_CASE("fiat-shamir: proving and verifying leave the caller's transcript alone", "[zk]") {
    tests::seeded_random rng(2);
    const auto mine = context();
    const logarithm::statement claim{power(generator, 5)};
    const auto made = zk::prove<logarithm>(mine, claim, {5}, rng);
    REQUIRE(made);
    CHECK(zk::verify<logarithm>(mine, claim, *made));
    CHECK(mine == context());
}

TEST_CASE("fiat-shamir: a withheld response leads to a fresh announcement", "[zk]") {
    std::size_t restarts = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        tests::seeded_random rng(seed);
        std::vector<std::uint64_t> announced;
        const logarithm::statement claim{power(generator, 99), 2};
        const auto made = zk::prove<logarithm>(context(), claim, {99, &announced}, rng);
        REQUIRE(made);
        CHECK(zk::verify<logarithm>(context(), claim, *made));
        CHECK(made->announcement.a == announced.back());
        CHECK(std::set<std::uint64_t>(announced.begin(), announced.end()).size() == announced.size());
        restarts += announced.size() - 1;
    }
    CHECK(restarts > 20);
    CHECK(restarts < 80);
}

TEST_CASE("fiat-shamir: a prover whose masks never fit stops with an error", "[zk]") {
    tests::seeded_random rng(3);
    std::vector<std::uint64_t> announced;
    const logarithm::statement claim{power(generator, 99), 4};
    const auto made = zk::prove<logarithm>(context(), claim, {99, &announced}, rng);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == errc::refused);
    CHECK(announced.size() == static_cast<std::size_t>(zk::most_restarts));
}

TEST_CASE("fiat-shamir: a witness of the wrong shape is refused before anything is announced", "[zk]") {
    tests::seeded_random rng(4);
    std::vector<std::uint64_t> announced;
    const auto made = zk::prove<logarithm>(context(), logarithm::statement{1}, {prime - 1, &announced}, rng);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == errc::out_of_range);
    CHECK(announced.empty());
}

TEST_CASE("fiat-shamir: checks of form come before hashing", "[zk]") {
    int hashed = 0;
    const logarithm::statement claim{power(generator, 5), 0, &hashed};
    const zk::proof<logarithm> forged{{1}, {prime - 1}};
    const auto refused = zk::verify<logarithm>(context(), claim, forged);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().check == 1);
    CHECK(hashed == 0);
    CHECK_FALSE(zk::verify<logarithm>(context(), claim, {{1}, {prime - 2}}));
    CHECK(hashed == 1);
}

// One mask for two challenges gives the witness away, so masks must differ whenever anything does, even when
// the random source is stuck.
TEST_CASE("fiat-shamir: with a stuck random source masks still differ by witness, statement and context",
          "[zk]") {
    const auto announce = [](std::string_view who, std::uint64_t y, std::uint64_t x) {
        test::scripted_random stuck({0x55});
        return zk::prove<logarithm>(context(who), logarithm::statement{y}, {x}, stuck)->announcement.a;
    };
    const std::uint64_t base = announce("alice", 10, 20);
    CHECK(announce("alice", 10, 20) == base);
    CHECK(announce("bob", 10, 20) != base);
    CHECK(announce("alice", 11, 20) != base);
    CHECK(announce("alice", 10, 21) != base);
}
