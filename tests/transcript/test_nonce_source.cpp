// The prover's masks: fresh entropy, witness and transcript each change them; nothing else does.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/random/system_random.hpp>
#include <veilsum/transcript/nonce_source.hpp>

#include <algorithm>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>

using namespace veilsum;
using veilsum::transcript::nonce_source;
using tr_type = veilsum::transcript::transcript;

namespace {

static_assert(!std::is_copy_constructible_v<nonce_source> && !std::is_copy_assignable_v<nonce_source>);

// A source that is broken in the worst way: it always gives the same bytes.
struct stuck {
    void fill(std::span<std::uint8_t> out) { std::fill(out.begin(), out.end(), std::uint8_t{7}); }
};

tr_type statement(std::string_view data) {
    tr_type tr("veilsum.test/1");
    tr.absorb("statement", as_bytes(data));
    return tr;
}

bytes draw(nonce_source& source, std::size_t count) {
    bytes out(count, 0xaa);
    source.fill(out);
    return out;
}

template <class Source>
bytes masks(std::string_view data, std::string_view witness, Source& rng) {
    nonce_source source(statement(data), as_bytes(witness), rng);
    return draw(source, 48);
}

} // namespace

TEST_CASE("nonce_source: fixed vector", "[transcript]") {
    // Computed in Python from the formula in the header: hashlib, and ChaCha20 written from its definition
    // (checked against the all-zero key stream). The transcript is that of test_transcript.cpp's fixed
    // vectors; seed 7.
    tr_type tr("veilsum.test/1");
    tr.absorb("a", as_bytes("hello"));
    tr.absorb_u64("n", (std::uint64_t{1} << 40) + 5);
    (void)tr.challenge("e");
    test::seeded_random rng(7);
    nonce_source source(tr, as_bytes("witness"), rng);
    CHECK(to_hex(draw(source, 150)) ==
          "b943e04798a146791d445cd01b55f3717073a29746b31ed68fb7a6eccbb008f9cf8706f94f9b1233b1f9bd874c0f08b54a"
          "844823c3c3"
          "640c37c453d8e2ba1d63922f36fc2b407ae481d870bdc7e39018c0ddb86fed0d77b30c01f11416b2cf46ed40eb2623b9ee"
          "8a811e85ba"
          "123baceddd74de6268522be8eb58d0987bee2964b36a1651a088abbb3164fdf9548cb7a6dc22b92bd202");
}

TEST_CASE("nonce_source: the same witness and transcript with fresh entropy give other masks",
          "[transcript]") {
    random::system_random system;
    std::set<bytes> seen;
    for (int i = 0; i < 50; ++i) seen.insert(masks("s", "w", system));
    CHECK(seen.size() == 50);

    test::seeded_random one_stream(1);
    const bytes first = masks("s", "w", one_stream);
    CHECK(masks("s", "w", one_stream) != first);
}

TEST_CASE("nonce_source: the same everything gives the same masks", "[transcript]") {
    test::seeded_random one(9);
    test::seeded_random two(9);
    CHECK(masks("s", "w", one) == masks("s", "w", two));
}

TEST_CASE("nonce_source: under a stuck source, witness and transcript still separate the masks",
          "[transcript]") {
    stuck rng;
    const std::set<bytes> seen = {
        masks("s", "w", rng), masks("t", "w", rng), masks("s", "v", rng),
        masks("", "w", rng),  masks("s", "", rng),  masks("sw", "", rng),
    };
    CHECK(seen.size() == 6);
    CHECK(masks("s", "w", rng) == masks("s", "w", rng)); // and only the same proof repeats them

    // An announcement that was absorbed, or a challenge that was drawn, is another transcript.
    tr_type later = statement("s");
    (void)later.challenge("e");
    nonce_source source(later, as_bytes("w"), rng);
    CHECK(draw(source, 48) != masks("s", "w", rng));
}

TEST_CASE("nonce_source: the stream does not depend on how it is cut, and no block comes twice",
          "[transcript]") {
    test::seeded_random seed(3);
    stuck rng;
    nonce_source whole_source(statement("s"), as_bytes("w"), rng);
    const bytes whole = draw(whole_source, 4096);
    for (int round = 0; round < 20; ++round) {
        nonce_source source(statement("s"), as_bytes("w"), rng);
        bytes joined;
        while (joined.size() < whole.size()) {
            const std::size_t piece = std::min<std::size_t>(seed.below(200), whole.size() - joined.size());
            const bytes part = draw(source, piece);
            joined.insert(joined.end(), part.begin(), part.end());
        }
        CHECK(joined == whole);
    }
    std::set<bytes> blocks;
    for (std::size_t at = 0; at < whole.size(); at += 16)
        blocks.insert(bytes(whole.begin() + static_cast<std::ptrdiff_t>(at),
                            whole.begin() + static_cast<std::ptrdiff_t>(at + 16)));
    CHECK(blocks.size() == 256);
}

TEST_CASE("nonce_source: moving continues the stream, and the old source ends the process", "[transcript]") {
    stuck rng;
    nonce_source reference(statement("s"), as_bytes("w"), rng);
    const bytes expected = draw(reference, 100);
    nonce_source first(statement("s"), as_bytes("w"), rng);
    bytes joined = draw(first, 30);
    nonce_source second = std::move(first);
    const bytes rest = draw(second, 70);
    joined.insert(joined.end(), rest.begin(), rest.end());
    CHECK(joined == expected);
    CHECK(test::ends_process([&] {
        byte_array<4> out{};
        first.fill(out);
    }));
}
