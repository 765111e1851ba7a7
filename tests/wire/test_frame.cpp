// Frames: the drawn layout, and one distinct refusal for each way to be wrong.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/wire/frame.hpp>

#include <algorithm>
#include <set>
#include <string_view>

using namespace veilsum;
using namespace veilsum::wire;

namespace {

void check_refused(const result<byte_view>& body, std::uint32_t check, errc code, std::string_view what) {
    REQUIRE(!body);
    CHECK(body.error().check == check);
    CHECK(body.error().code == code);
    CHECK(body.error().what == what);
}

} // namespace

TEST_CASE("frame: is magic, type, version, length, body", "[wire]") {
    CHECK(to_hex(frame(message_type::model, 1, as_bytes("abc"))) == "5653554d"
                                                                    "000b"
                                                                    "0001"
                                                                    "00000003"
                                                                    "616263");
    CHECK(to_hex(frame(0x0102, 0x0304, {})) == "5653554d"
                                               "0102"
                                               "0304"
                                               "00000000");
    CHECK(frame(message_type::receipt, 3, as_bytes("x")) == frame(12, 3, as_bytes("x")));
}

TEST_CASE("frame: a body comes back as a view of the message", "[wire]") {
    test::seeded_random rng(31);
    for (const std::size_t size : {0u, 1u, 255u, 70000u}) {
        const bytes body = rng.draw(size);
        const bytes data = frame(message_type::opening, 1, body);
        const auto back = unframe(data, message_type::opening, 1, size);
        REQUIRE(back);
        CHECK(equal(*back, body));
        CHECK(back->data() == data.data() + frame_header_bytes);
        CHECK(unframe(data, 10, 1, ~std::size_t{0}).has_value());
    }
}

TEST_CASE("frame: each part that is wrong has its own refusal", "[wire]") {
    const bytes good = frame(message_type::receipt, 2, as_bytes("12345"));
    REQUIRE(unframe(good, message_type::receipt, 2, 5));

    for (std::size_t length = 0; length < frame_header_bytes; ++length)
        check_refused(unframe(byte_view(good).first(length), message_type::receipt, 2, 5), 1, errc::malformed,
                      "frame header");
    for (std::size_t at = 0; at < 4; ++at) {
        bytes bent = good;
        bent[at] = static_cast<std::uint8_t>(bent[at] ^ 0x20);
        check_refused(unframe(bent, message_type::receipt, 2, 5), 2, errc::malformed, "frame magic");
    }
    check_refused(unframe(good, message_type::model, 2, 5), 3, errc::mismatch, "frame type");
    check_refused(unframe(good, message_type::receipt, 1, 5), 4, errc::unsupported, "frame version");
    check_refused(unframe(good, message_type::receipt, 3, 5), 4, errc::unsupported, "frame version");
    check_refused(unframe(good, message_type::receipt, 2, 4), 5, errc::out_of_range, "frame length");
    for (std::size_t length = frame_header_bytes; length < good.size(); ++length)
        check_refused(unframe(byte_view(good).first(length), message_type::receipt, 2, 5), 6, errc::malformed,
                      "truncated frame");
    bytes longer = good;
    longer.push_back(0);
    check_refused(unframe(longer, message_type::receipt, 2, 5), 7, errc::malformed, "trailing bytes");
    bytes shorter_claim = good;
    shorter_claim[11] = 4;
    check_refused(unframe(shorter_claim, message_type::receipt, 2, 5), 7, errc::malformed, "trailing bytes");
}

TEST_CASE("frame: a length of 4 GiB is refused by the cap or the missing bytes", "[wire]") {
    bytes data = frame(message_type::model, 1, {});
    std::fill(data.begin() + 8, data.end(), std::uint8_t{0xff});
    check_refused(unframe(data, message_type::model, 1, 1u << 20), 5, errc::out_of_range, "frame length");
    check_refused(unframe(data, message_type::model, 1, ~std::size_t{0}), 6, errc::malformed,
                  "truncated frame");
}

TEST_CASE("message_type: numbers are distinct, and none is 0", "[wire]") {
    using enum message_type;
    const std::set<message_type> all = {public_key,
                                        private_key,
                                        verification_keys,
                                        key_share,
                                        ciphertext_vector,
                                        partial_decryption,
                                        share_file,
                                        ceremony,
                                        contribution_body,
                                        opening,
                                        model,
                                        receipt,
                                        refresh_reception,
                                        refresh_contribution,
                                        refresh_complaint};
    CHECK(all.size() == 15);
    for (const message_type type : all) CHECK(static_cast<std::uint16_t>(type) != 0);
}
