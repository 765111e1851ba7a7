// Random and mutated bytes into the reader and the frame: never a crash, never memory beyond the message's
// size, and whatever is accepted has exactly one encoding, the one that was read.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstdint>
#include <utility>
#include <vector>

using namespace veilsum;
using wire::reader;
using wire::writer;

namespace {

enum class field : std::uint8_t { u8, u16, u32, u64, fixed, array, var, list };
constexpr std::size_t kinds = 8;
constexpr std::size_t var_cap = 24;
constexpr std::uint32_t list_cap = 6;

using schema = std::vector<field>;

schema random_schema(test::seeded_random& rng) {
    schema out;
    for (std::uint64_t i = 1 + rng.below(5); i != 0; --i) out.push_back(static_cast<field>(rng.below(kinds)));
    return out;
}

// A message that follows the schema.
bytes write_random(const schema& fields, test::seeded_random& rng) {
    writer out;
    for (const field kind : fields) switch (kind) {
        case field::u8:
            out.u8(static_cast<std::uint8_t>(rng.word()));
            break;
        case field::u16:
            out.u16(static_cast<std::uint16_t>(rng.word()));
            break;
        case field::u32:
            out.u32(static_cast<std::uint32_t>(rng.word()));
            break;
        case field::u64:
            out.u64(rng.word());
            break;
        case field::fixed:
            out.fixed(rng.draw(5));
            break;
        case field::array:
            out.fixed(rng.draw(3));
            break;
        case field::var:
            out.var(rng.draw(rng.below(var_cap + 1)));
            break;
        case field::list: {
            const auto items = static_cast<std::uint32_t>(rng.below(list_cap + 1));
            out.u32(items);
            for (std::uint32_t i = 0; i < items; ++i) out.u16(static_cast<std::uint16_t>(rng.word()));
        }
        }
    return std::move(out).take();
}

// Reads by the schema and writes again what was read. `accepted` is what finish says.
bytes read_and_rewrite(const schema& fields, byte_view data, bool& accepted) {
    reader in(data);
    writer out;
    for (const field kind : fields) switch (kind) {
        case field::u8:
            out.u8(in.u8());
            break;
        case field::u16:
            out.u16(in.u16());
            break;
        case field::u32:
            out.u32(in.u32());
            break;
        case field::u64:
            out.u64(in.u64());
            break;
        case field::fixed:
            out.fixed(in.fixed(5));
            break;
        case field::array:
            out.fixed(in.array<3>());
            break;
        case field::var:
            out.var(in.var(var_cap));
            break;
        case field::list: {
            std::vector<std::uint16_t> items(in.count(list_cap, 2));
            REQUIRE(items.size() <= list_cap);
            REQUIRE(2 * items.size() <= data.size());
            for (std::uint16_t& item : items) item = in.u16();
            out.u32(static_cast<std::uint32_t>(items.size()));
            for (const std::uint16_t item : items) out.u16(item);
        }
        }
    accepted = in.finish().has_value();
    return std::move(out).take();
}

void mutate(bytes& data, test::seeded_random& rng) {
    switch (rng.below(4)) {
    case 0:
        if (!data.empty()) data[rng.below(data.size())] = static_cast<std::uint8_t>(rng.word());
        break;
    case 1:
        if (!data.empty()) data[rng.below(data.size())] ^= static_cast<std::uint8_t>(1u << rng.below(8));
        break;
    case 2:
        data.resize(rng.below(data.size() + 1));
        break;
    default:
        data.insert(data.end(), 1 + rng.below(3), static_cast<std::uint8_t>(rng.word()));
    }
}

} // namespace

TEST_CASE("hostile bytes: whatever a reader accepts is written back byte for byte", "[wire]") {
    test::seeded_random rng(51);
    std::size_t taken = 0;
    std::size_t refused = 0;
    for (int round = 0; round < 20000; ++round) {
        const schema fields = random_schema(rng);
        bytes data = write_random(fields, rng);
        bool accepted = false;
        REQUIRE(read_and_rewrite(fields, data, accepted) == data);
        REQUIRE(accepted);
        mutate(data, rng);
        const bytes again = read_and_rewrite(fields, data, accepted);
        if (accepted) REQUIRE(again == data);
        ++(accepted ? taken : refused);
    }
    CHECK(taken > 1000);
    CHECK(refused > 1000);
}

TEST_CASE("hostile bytes: random bytes under random schemas", "[wire]") {
    test::seeded_random rng(52);
    std::size_t taken = 0;
    for (int round = 0; round < 20000; ++round) {
        const schema fields = random_schema(rng);
        bytes data = rng.draw(rng.below(40));
        if (rng.below(2) == 0) // small numbers, so that lengths and counts are sometimes plausible
            for (std::uint8_t& value : data) value = value < 200 ? 0 : static_cast<std::uint8_t>(value & 7);
        bool accepted = false;
        const bytes again = read_and_rewrite(fields, data, accepted);
        if (!accepted) continue;
        ++taken;
        REQUIRE(again == data);
    }
    CHECK(taken > 100);
}

TEST_CASE("hostile bytes: whatever unframe accepts is the frame of what it returns", "[wire]") {
    test::seeded_random rng(53);
    std::size_t taken = 0;
    std::size_t refused[8] = {};
    for (int round = 0; round < 20000; ++round) {
        bytes data = wire::frame(wire::message_type::model, 1, rng.draw(rng.below(20)));
        if (rng.below(8) == 0) data = rng.draw(rng.below(60));
        if (rng.below(4) != 0) mutate(data, rng);
        const auto body = wire::unframe(data, wire::message_type::model, 1, 16);
        if (body) {
            ++taken;
            REQUIRE(body->size() <= 16);
            REQUIRE(wire::frame(wire::message_type::model, 1, *body) == data);
        } else {
            REQUIRE(body.error().check >= 1);
            REQUIRE(body.error().check <= 7);
            ++refused[body.error().check];
        }
    }
    CHECK(taken > 1000);
    for (std::size_t check = 1; check <= 7; ++check) CHECK(refused[check] > 0); // every refusal was reached
}
