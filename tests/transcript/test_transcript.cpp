// The transcript: published vectors step by step, and no two histories with one state.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "transcript/validity_vector.hpp"

#include <veilsum/transcript/context.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

using namespace veilsum;
using veilsum::transcript::challenge128;
using veilsum::transcript::challenge_integers;
using veilsum::transcript::expand;
using tr_type = veilsum::transcript::transcript;

TEST_CASE("transcript: follows a published submission step by step", "[transcript]") {
    tr_type tr("veilsum.validity/1");
    std::size_t compared = 0;
    for (const auto& step : test::validity_vector::steps) {
        INFO("step " << compared << ", label " << step.label);
        if (step.is_challenge) {
            CHECK(to_hex(tr.challenge(step.label)) == step.expected);
        } else {
            const auto data = from_hex(step.data);
            REQUIRE(data);
            tr.absorb(step.label, *data);
            CHECK(to_hex(tr.state()) == step.expected);
        }
        ++compared;
    }
    CHECK(compared == 43);
    CHECK(to_hex(tr.state()) == test::validity_vector::final_state);
}

TEST_CASE("transcript: 128-bit challenges are those of the published submission", "[transcript]") {
    tr_type tr("veilsum.validity/1");
    for (const auto& step : test::validity_vector::steps) {
        if (step.is_challenge) break;
        tr.absorb(step.label, *from_hex(step.data));
    }
    tr_type by_hand = tr;
    const auto drawn = challenge_integers(tr, "link.e", std::size(test::validity_vector::link_e));
    for (std::size_t j = 0; j < drawn.size(); ++j)
        CHECK(to_hex(drawn[j]) == test::validity_vector::link_e[j]);

    // Integer j is quarter j mod 4 of block floor(j/4), over several blocks.
    tr_type many = by_hand;
    const std::vector<challenge128> nine = challenge_integers(many, "link.e", 9);
    const byte_array<64> seed = by_hand.challenge("link.e");
    for (std::size_t j = 0; j < nine.size(); ++j) {
        const byte_array<64> block = expand(seed, static_cast<std::uint32_t>(j / 4));
        CHECK(equal(nine[j], byte_view(block).subspan(16 * (j % 4), 16)));
    }
    CHECK(std::equal(drawn.begin(), drawn.end(), nine.begin())); // asking for more changes none of the first
    CHECK(std::set<challenge128>(nine.begin(), nine.end()).size() == 9);
    CHECK(many == by_hand);
    CHECK(many == tr);
    CHECK(challenge_integers(many, "none", 0).empty());
    CHECK(many != tr); // the challenge took place all the same
}

TEST_CASE("transcript: fixed vectors of each operation", "[transcript]") {
    // Computed with Python's hashlib from the formulas in the header.
    tr_type tr("veilsum.test/1");
    CHECK(to_hex(tr.state()) == "9f80de1bd8d84e737948596c6e0a43d15877a0985287ac8d405f498f243ca038"
                                "53e7752ec4424886f3c1aba7b99ddea225b34576165902400fa2aa58773155ee");
    tr.absorb("a", as_bytes("hello"));
    CHECK(to_hex(tr.state()) == "84ff7e5332c79b92b9d0ef5879c4bf9323d3e94b2a4a704856c2dde8f2f43f27"
                                "7a8b4f559dbb082fc1b52441dc6bb19327cc5394b8d1d5d61a5722007e0a010a");
    tr.absorb_u64("n", (std::uint64_t{1} << 40) + 5);
    CHECK(to_hex(tr.state()) == "cbbcc0c32d95615923f07c96a77f3e840a1754f4ce7f2e448e0b1289d9d926c5"
                                "40ae656c08e9dbb4a866611e1c44c05ecf18ec089a53a6fafc87074e8a3d511f");
    const auto out = tr.challenge("e");
    CHECK(to_hex(out) == "4cbddb3b1219a9b3b604dde69c92bd80457f805c0da556c5873c0abaa278b70e"
                         "4e9d5f382eeeb41d9df28a3c2d10a28a9b13b56190336a0e4222740b479b3d7e");
    CHECK(to_hex(tr.state()) == "7f6a450ba189508e411cfed792fbe49c085ba251ca5f705ee86f8b36026859d5"
                                "c1842dc06ecad90b7f384b1c13496d5deb8413e7a86f8ff4c488851eac5b9450");
    CHECK(to_hex(expand(out, 0x01020304)) ==
          "80262b12b41b8198f0483b4220e9d61de2489855c837216cdc9370d56af8bf9e"
          "9ecb4fbc2720acfea2a6b605e6cf9599bbe70afde6151ce06f6a5df1871fdd6b");
}

TEST_CASE("transcript: joining is never ambiguous", "[transcript]") {
    const auto state_of = [](const std::vector<std::pair<std::string, std::string>>& items) {
        tr_type tr("veilsum.test/1");
        for (const auto& [label, data] : items) tr.absorb(label, as_bytes(data));
        return tr.state();
    };
    // One text cut in every way into label, data, label, data: each cut is another history.
    const std::string text = "aaaaaa";
    std::set<byte_array<64>> seen;
    std::size_t histories = 0;
    const auto add = [&](const std::vector<std::pair<std::string, std::string>>& items) {
        seen.insert(state_of(items));
        ++histories;
    };
    add({});
    for (std::size_t i = 0; i <= text.size(); ++i) {
        add({{text.substr(0, i), text.substr(i)}});
        for (std::size_t j = i; j <= text.size(); ++j)
            for (std::size_t k = j; k <= text.size(); ++k)
                add({{text.substr(0, i), text.substr(i, j - i)}, {text.substr(j, k - j), text.substr(k)}});
    }
    CHECK(histories == 1 + 7 + 84);
    CHECK(seen.size() == histories);

    // Data that spells the frames of a second item is still one item.
    const std::string frame_of_one = std::string("\0\0\0\0\0\0\0\1", 8);
    CHECK(state_of({{"a", "b" + frame_of_one + "c" + frame_of_one + "d"}}) !=
          state_of({{"a", "b"}, {"c", "d"}}));
    CHECK(state_of({{"a", ""}, {"b", ""}}) != state_of({{"b", ""}, {"a", ""}}));
    CHECK(state_of({{"a", "b"}}) != state_of({{"a", "b"}, {"", ""}}));
}

TEST_CASE("transcript: absorbing and asking are different steps", "[transcript]") {
    tr_type absorbed("veilsum.test/1");
    tr_type asked("veilsum.test/1");
    absorbed.absorb("x", {});
    const auto out = asked.challenge("x");
    CHECK(absorbed.state() != asked.state());
    CHECK(out != asked.state()); // an output never shows the state that follows
    CHECK(out != absorbed.state());
    CHECK(expand(out, 0) != out);
}

TEST_CASE("transcript: a challenge depends on the protocol, each item, the order and the label",
          "[transcript]") {
    struct run {
        std::string protocol = "veilsum.test/1";
        std::vector<std::pair<std::string, std::string>> items = {{"statement", "s"}, {"announcement", "a"}};
        std::string label = "e";
        byte_array<64> challenge() const {
            tr_type tr(protocol);
            for (const auto& [name, data] : items) tr.absorb(name, as_bytes(data));
            return tr.challenge(label);
        }
    };
    std::set<byte_array<64>> seen;
    const auto add = [&](const run& variant) { CHECK(seen.insert(variant.challenge()).second); };
    add({});
    add({.protocol = "veilsum.test/2"});
    add({.protocol = ""});
    add({.label = "f"});
    add({.label = ""});
    add({.items = {{"statement", "t"}, {"announcement", "a"}}});
    add({.items = {{"statement", "s"}, {"announcement", "b"}}});
    add({.items = {{"statement", "s"}}});
    add({.items = {{"announcement", "a"}}});
    add({.items = {{"announcement", "a"}, {"statement", "s"}}});
    add({.items = {{"announcement", "s"}, {"statement", "a"}}});
    add({.items = {{"statement", "s"}, {"announcement", "a"}, {"announcement", "a"}}});
    add({.items = {}});
    CHECK(run{}.challenge() == run{}.challenge());
}

TEST_CASE("transcript: no challenge comes twice, and a copy goes its own way", "[transcript]") {
    tr_type tr("veilsum.test/1");
    tr.absorb("statement", as_bytes("s"));
    tr_type copy = tr;
    CHECK(copy == tr);
    std::set<byte_array<64>> seen;
    for (int i = 0; i < 20; ++i) seen.insert(tr.challenge("e"));
    CHECK(seen.size() == 20);
    CHECK(seen.contains(copy.challenge("e"))); // the copy did not move
    CHECK(copy != tr);
    std::set<byte_array<64>> blocks;
    for (std::uint32_t j : {0u, 1u, 2u, 255u, 256u, 65536u, 0x01000000u, 0xffffffffu})
        blocks.insert(expand(tr.state(), j));
    CHECK(blocks.size() == 8);
}

TEST_CASE("transcript: absorb_u64 is eight big-endian bytes", "[transcript]") {
    tr_type number("veilsum.test/1");
    tr_type raw("veilsum.test/1");
    number.absorb_u64("round", 0x0102030405060708);
    raw.absorb("round", byte_array<8>{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(number == raw);
}
