// The writer: every primitive's bytes, spelled out.
#include "support/catch.hpp"

#include <veilsum/wire/writer.hpp>

#include <string>
#include <utility>

using namespace veilsum;
using wire::writer;

TEST_CASE("writer: integers are big-endian of fixed length", "[wire]") {
    writer out;
    out.u8(0xab);
    out.u16(0x0102);
    out.u32(0x03040506);
    out.u64(0x0708090a0b0c0d0e);
    out.u64(~std::uint64_t{0});
    out.u16(0);
    CHECK(to_hex(out.view()) == "ab"
                                "0102"
                                "03040506"
                                "0708090a0b0c0d0e"
                                "ffffffffffffffff"
                                "0000");
}

TEST_CASE("writer: byte strings are bare if fixed, and carry their length if not", "[wire]") {
    writer out(64);
    CHECK(out.view().empty());
    out.fixed(as_bytes("abc"));
    out.fixed({});
    out.var(as_bytes("abc"));
    out.var({});
    CHECK(to_hex(out.view()) == "616263"
                                "00000003616263"
                                "00000000");
    const bytes taken = std::move(out).take();
    CHECK(taken.size() == 3 + 7 + 4);
}
