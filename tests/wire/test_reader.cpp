// The reader: inverse of the writer, sticky failures, caps before memory, no bytes left over.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace veilsum;
using wire::reader;
using wire::writer;

namespace {

void check_failed(const reader& in, errc code, std::string_view what, std::string_view place) {
    CHECK_FALSE(in.ok());
    const auto end = in.finish();
    REQUIRE(!end);
    CHECK(end.error().code == code);
    CHECK(end.error().what == what);
    CHECK(end.error().place == place);
}

} // namespace

TEST_CASE("reader: reads back what a writer wrote", "[wire]") {
    test::seeded_random rng(21);
    for (int round = 0; round < 50; ++round) {
        const std::uint64_t word = rng.word();
        const bytes tail = rng.draw(rng.below(40));
        writer out;
        out.u8(static_cast<std::uint8_t>(word));
        out.u16(static_cast<std::uint16_t>(word));
        out.u32(static_cast<std::uint32_t>(word));
        out.u64(word);
        out.fixed(byte_array<4>{1, 2, 3, 4});
        out.var(tail);
        out.fixed(tail);

        reader in(out.view());
        CHECK(in.remaining() == out.view().size());
        CHECK(in.u8() == static_cast<std::uint8_t>(word));
        CHECK(in.u16() == static_cast<std::uint16_t>(word));
        CHECK(in.u32() == static_cast<std::uint32_t>(word));
        CHECK(in.u64() == word);
        CHECK(in.array<4>() == byte_array<4>{1, 2, 3, 4});
        CHECK(equal(in.var(40), tail));
        CHECK(in.remaining() == tail.size());
        CHECK(equal(in.fixed(tail.size()), tail));
        CHECK(in.remaining() == 0);
        CHECK(in.finish().has_value());
    }
    CHECK(reader({}).finish().has_value());
}

TEST_CASE("reader: every primitive reports bytes that are missing", "[wire]") {
    const byte_array<8> data{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const std::vector<std::pair<std::size_t, std::function<bool(reader&)>>> reads = {
        {1, [](reader& in) { return in.u8() == 0; }},
        {2, [](reader& in) { return in.u16() == 0; }},
        {4, [](reader& in) { return in.u32() == 0; }},
        {8, [](reader& in) { return in.u64() == 0; }},
        {5, [](reader& in) { return in.fixed(5).empty(); }},
        {3, [](reader& in) { return in.array<3>() == byte_array<3>{}; }},
        {4, [](reader& in) { return in.var(9).empty(); }},
        {4, [](reader& in) { return in.count(9, 1) == 0; }},
    };
    for (const auto& [needed, read] : reads)
        for (std::size_t given = 0; given < needed; ++given) {
            reader in(byte_view(data).first(given));
            CHECK(read(in)); // zero or empty, never part of what was there
            check_failed(in, errc::malformed, "truncated", "byte 0");
        }
    reader in(data);
    CHECK(in.u8() == 0xff);
    CHECK(in.fixed(~std::size_t{0}).empty()); // 1 + length wraps to 0
    check_failed(in, errc::malformed, "truncated", "byte 1");
}

TEST_CASE("reader: the first failure sticks and is the one reported", "[wire]") {
    const byte_array<6> data{1, 2, 3, 4, 5, 6};
    reader in(data);
    CHECK(in.u16() == 0x0102);
    CHECK(in.u64() == 0);
    CHECK(in.remaining() == 0);
    CHECK(in.u8() == 0); // there are bytes, but nothing is read any more
    CHECK(in.u32() == 0);
    CHECK(in.fixed(1).empty());
    CHECK(in.fixed(0).empty());
    CHECK(in.array<2>() == byte_array<2>{});
    CHECK(in.var(100).empty());
    CHECK(in.count(100, 1) == 0);
    in.fail(errc::duplicate, "a later complaint");
    check_failed(in, errc::malformed, "truncated", "byte 2");
}

TEST_CASE("reader: a caller's own check fails in the same way", "[wire]") {
    const byte_array<4> data{1, 2, 3, 4};
    reader in(data);
    CHECK(in.u8() == 1);
    in.fail(errc::unsupported, "flavour");
    CHECK(in.u8() == 0);
    check_failed(in, errc::unsupported, "flavour", "byte 1");
}

TEST_CASE("reader: bytes that are left over are refused", "[wire]") {
    const byte_array<3> data{1, 2, 3};
    reader in(data);
    CHECK(in.u16() == 0x0102);
    CHECK(in.ok());
    const auto end = in.finish();
    REQUIRE(!end);
    CHECK(end.error().code == errc::malformed);
    CHECK(end.error().what == "trailing bytes");
    CHECK(end.error().place == "byte 2");
}

TEST_CASE("reader: var accepts its cap and refuses one more", "[wire]") {
    for (const std::size_t length : {0u, 4u, 5u, 6u}) {
        writer out;
        out.u8(7);
        out.var(bytes(length, 1));
        reader in(out.view());
        CHECK(in.u8() == 7);
        const byte_view got = in.var(5);
        if (length <= 5) {
            CHECK(got.size() == length);
            CHECK(in.finish().has_value());
        } else {
            CHECK(got.empty());
            check_failed(in, errc::out_of_range, "length above its cap", "byte 1");
        }
    }
    // Within the cap, but not there.
    const byte_array<6> lying{0, 0, 0, 3, 1, 2};
    reader in(lying);
    CHECK(in.var(5).empty());
    check_failed(in, errc::malformed, "truncated", "byte 4");
    // A length that no memory could hold costs nothing.
    const byte_array<4> huge{0xff, 0xff, 0xff, 0xff};
    reader greedy(huge);
    CHECK(greedy.var(~std::size_t{0}).empty());
    check_failed(greedy, errc::malformed, "truncated", "byte 4");
}

TEST_CASE("reader: count is bounded by its cap and by the bytes that are there", "[wire]") {
    const auto read_count = [](std::uint32_t claimed, std::size_t body, std::uint32_t max, std::size_t item) {
        writer out;
        out.u32(claimed);
        out.fixed(bytes(body, 0));
        const bytes data = std::move(out).take();
        reader in(data);
        const std::size_t items = in.count(max, item);
        std::string outcome = in.ok() ? "ok" : std::string(in.finish().error().what);
        return std::pair(items, outcome);
    };
    using outcome = std::pair<std::size_t, std::string>;
    CHECK(read_count(0, 0, 10, 8) == outcome(0, "ok"));
    CHECK(read_count(10, 80, 10, 8) == outcome(10, "ok"));
    CHECK(read_count(11, 88, 10, 8) == outcome(0, "count above its cap"));
    CHECK(read_count(10, 79, 10, 8) == outcome(0, "count above what the bytes hold"));
    CHECK(read_count(0xffffffff, 80, 0xffffffff, 1) == outcome(0, "count above what the bytes hold"));
    CHECK(read_count(0xffffffff, 80, 0xfffffffe, 1) == outcome(0, "count above its cap"));
    CHECK(read_count(2, 80, 10, ~std::size_t{0} / 2 + 1) == // 2 items of half the address space wrap to 0
          outcome(0, "count above what the bytes hold"));

    writer out;
    out.u32(11);
    out.fixed(bytes(88, 0));
    reader above(out.view());
    CHECK(above.count(10, 8) == 0);
    check_failed(above, errc::out_of_range, "count above its cap", "byte 0");
    reader thin(byte_view(out.view()).first(4 + 87));
    CHECK(thin.count(11, 8) == 0);
    check_failed(thin, errc::malformed, "count above what the bytes hold", "byte 0");
}

TEST_CASE("reader: items of no size would make a count unbounded, so they are a broken contract", "[wire]") {
    const byte_array<4> data{};
    reader in(data);
    CHECK(test::ends_process([&] { (void)in.count(10, 0); }));
}

TEST_CASE("reader: views point into the message, nothing is copied", "[wire]") {
    const byte_array<7> data{0, 0, 0, 2, 8, 9, 5};
    reader in(data);
    const byte_view inner = in.var(2);
    CHECK(inner.data() == data.data() + 4);
    CHECK(in.u8() == 5);
    CHECK(in.finish().has_value());
}
