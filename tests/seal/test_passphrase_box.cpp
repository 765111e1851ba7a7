// Passphrase boxes: a box made elsewhere opens, hostile headers cost nothing, and every region is
// authenticated. All boxes here have the minimum cost.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/random/system_random.hpp>
#include <veilsum/seal/passphrase_box.hpp>

#include <algorithm>
#include <initializer_list>
#include <string_view>

using namespace veilsum;
using namespace veilsum::seal;

namespace {

secret<bytes> words(std::string_view text) {
    return secret<bytes>(bytes(text.begin(), text.end()));
}

bytes box_of(std::string_view plaintext, std::string_view associated, std::uint64_t seed = 5) {
    test::seeded_random rng(seed);
    return *seal_with_passphrase(words("correct horse"), as_bytes(plaintext), as_bytes(associated),
                                 passphrase_cost::minimum(), rng);
}

void check_refused(const result<secret<bytes>>& opened, std::uint32_t check, errc code,
                   std::string_view what) {
    REQUIRE(!opened);
    CHECK(opened.error().check == check);
    CHECK(opened.error().code == code);
    CHECK(opened.error().what == what);
}
void check_not_opened(const result<secret<bytes>>& opened) {
    check_refused(opened, 5, errc::refused, "passphrase or box");
}

void put_u64(bytes& box, std::size_t at, std::uint64_t value) {
    for (unsigned i = 0; i < 8; ++i) box[at + i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

} // namespace

TEST_CASE("passphrase_box: boxes made elsewhere open, and sealing makes the same ones", "[seal]") {
    // Computed with Argon2id (checked against RFC 9106, 5.3) and XChaCha20-Poly1305 (checked against
    // draft-irtf-cfrg-xchacha, A.3.1) written in Python; salt and nonce from the seeded source, seed 5.
    struct vector {
        passphrase_cost cost;
        std::string_view box;
    };
    const std::initializer_list<vector> vectors = {
        {{1, 8192},
         "01000000000000000100000000000020007ce2ac7292c26c00b4d02278d982f23bd854c6da02282d3ce183b43c7a6b8f6bb"
         "139294"
         "40ce75b6011af4bd408122666c87ca847e4ac9a65b98b1bc000f3739b837c3db9934d3ddf8a6a49b5539cf236"},
        {{2, 16384},
         "01000000000000000200000000000040007ce2ac7292c26c00b4d02278d982f23bd854c6da02282d3ce183b43c7a6b8f6bb"
         "139294"
         "40ce75b607683099de0ce593e54ec741249ed75295a7cc2f8fd004c292b74e292c636b09b89c6f0f4021abdfa"}};
    for (const vector& known : vectors) {
        const auto opened =
            open_with_passphrase(words("correct horse"), *from_hex(known.box), as_bytes("key id"));
        REQUIRE(opened);
        CHECK(equal(opened->expose(), as_bytes("a key share of trustee 2")));
        test::seeded_random rng(5);
        const auto sealed = seal_with_passphrase(words("correct horse"), as_bytes("a key share of trustee 2"),
                                                 as_bytes("key id"), known.cost, rng);
        REQUIRE(sealed);
        CHECK(to_hex(*sealed) == known.box);
    }
}

TEST_CASE("passphrase_box: what was sealed is opened, at every size", "[seal]") {
    random::system_random rng;
    test::seeded_random data(41);
    for (const std::size_t size : {0u, 1u, 15u, 16u, 64u, 5000u}) {
        const bytes plaintext = data.draw(size);
        const auto box = seal_with_passphrase(words("p"), plaintext, {}, passphrase_cost::minimum(), rng);
        REQUIRE(box);
        CHECK(box->size() == size + passphrase_box_overhead);
        const auto opened = open_with_passphrase(words("p"), *box, {});
        REQUIRE(opened);
        CHECK(opened->expose() == plaintext);
        const auto again = seal_with_passphrase(words("p"), plaintext, {}, passphrase_cost::minimum(), rng);
        REQUIRE(again);
        CHECK(*again != *box);
        // Fresh salt and fresh nonce.
        CHECK_FALSE(std::equal(box->begin() + 17, box->begin() + 33, again->begin() + 17));
        CHECK_FALSE(std::equal(box->begin() + 33, box->begin() + 57, again->begin() + 33));
    }
}

TEST_CASE("passphrase_box: a wrong passphrase does not open", "[seal]") {
    const bytes box = box_of("secret", "key id");
    REQUIRE(open_with_passphrase(words("correct horse"), box, as_bytes("key id")));
    for (const std::string_view wrong :
         {"correct horsf", "correct hors", "correct horse ", "Correct horse", "x"})
        check_not_opened(open_with_passphrase(words(wrong), box, as_bytes("key id")));
    check_not_opened(open_with_passphrase(words(""), box, as_bytes("key id")));
    check_not_opened(
        open_with_passphrase(secret<bytes>(bytes(max_passphrase_bytes + 1, 'a')), box, as_bytes("key id")));
}

TEST_CASE("passphrase_box: a box opens only where it belongs", "[seal]") {
    const bytes box = box_of("secret", "key 1, trustee 2");
    REQUIRE(open_with_passphrase(words("correct horse"), box, as_bytes("key 1, trustee 2")));
    for (const std::string_view other : {"key 1, trustee 3", "key 1, trustee 2 ", "key 1, trustee ", ""})
        check_not_opened(open_with_passphrase(words("correct horse"), box, as_bytes(other)));
}

TEST_CASE("passphrase_box: every changed byte is noticed, with the check of its region", "[seal]") {
    const bytes box = box_of("a secret", "key id");
    for (std::size_t at = 0; at < box.size(); ++at) {
        bytes bent = box;
        bent[at] = static_cast<std::uint8_t>(bent[at] ^ 1);
        const auto opened = open_with_passphrase(words("correct horse"), bent, as_bytes("key id"));
        INFO("byte " << at);
        if (at == 0)
            check_refused(opened, 2, errc::unsupported, "passphrase box version");
        else if (at < 17 && at != 13 && at != 14)
            check_refused(opened, 3, errc::out_of_range,
                          "passphrase cost"); // above a cap, or no whole kibibytes
        else
            check_not_opened(
                opened); // another valid cost (2^24 or 2^16 bytes more), salt, nonce, ciphertext, tag
    }
}

TEST_CASE("passphrase_box: a valid cost that is not the sealed one does not open", "[seal]") {
    // A lower cost would make guessing cheaper if the key did not depend on it.
    const bytes box = box_of("a secret", "key id");
    bytes more_passes = box;
    put_u64(more_passes, 1, 2);
    check_not_opened(open_with_passphrase(words("correct horse"), more_passes, as_bytes("key id")));
    bytes more_memory = box;
    put_u64(more_memory, 9, 9216);
    check_not_opened(open_with_passphrase(words("correct horse"), more_memory, as_bytes("key id")));
}

TEST_CASE("passphrase_box: a truncated or extended box is refused", "[seal]") {
    const bytes box = box_of("a secret", "key id");
    for (std::size_t length = 0; length < box.size(); ++length) {
        const auto opened =
            open_with_passphrase(words("correct horse"), byte_view(box).first(length), as_bytes("key id"));
        if (length < passphrase_box_overhead)
            check_refused(opened, 1, errc::malformed, "passphrase box");
        else
            check_not_opened(opened);
    }
    bytes longer = box;
    longer.push_back(0);
    check_not_opened(open_with_passphrase(words("correct horse"), longer, as_bytes("key id")));
}

TEST_CASE("passphrase_box: a hostile header cannot demand time or memory", "[seal]") {
    const auto with_cost = [](std::uint64_t operations, std::uint64_t memory_bytes) {
        bytes box = box_of("a secret", "key id");
        put_u64(box, 1, operations);
        put_u64(box, 9, memory_bytes);
        return open_with_passphrase(words("correct horse"), box, as_bytes("key id"));
    };
    const auto check_capped = [&](std::uint64_t operations, std::uint64_t memory_bytes) {
        check_refused(with_cost(operations, memory_bytes), 3, errc::out_of_range, "passphrase cost");
    };
    check_capped(0, 8192);
    check_capped(passphrase_cost::max_operations + 1, 8192);
    check_capped(0xffffffff, 8192);
    check_capped(std::uint64_t{1} << 32 | 1, 8192); // 1 if it were cut to 32 bits
    check_capped(~std::uint64_t{0}, 8192);
    check_capped(1, 0);
    check_capped(1, 8191);
    check_capped(1, 8193); // the same key as 8192: a second spelling
    check_capped(1, passphrase_cost::max_memory_bytes + 1024);
    check_capped(1, std::uint64_t{1} << 40); // 1 TiB
    check_capped(1, std::uint64_t{1} << 63);
    check_capped(1, ~std::uint64_t{0});
    // The largest number of passes is accepted as a cost; it is another key.
    check_not_opened(with_cost(passphrase_cost::max_operations, 8192));
}

TEST_CASE("passphrase_box: sealing refuses bad parameters", "[seal]") {
    test::seeded_random rng(42);
    const auto refused = [&](const secret<bytes>& passphrase, passphrase_cost cost, std::uint32_t check,
                             std::string_view what) {
        const auto sealed = seal_with_passphrase(passphrase, as_bytes("x"), {}, cost, rng);
        REQUIRE(!sealed);
        CHECK(sealed.error().code == errc::bad_parameter);
        CHECK(sealed.error().check == check);
        CHECK(sealed.error().what == what);
    };
    refused(words(""), passphrase_cost::minimum(), 1, "passphrase length");
    refused(secret<bytes>(bytes(max_passphrase_bytes + 1, 'a')), passphrase_cost::minimum(), 1,
            "passphrase length");
    refused(words("p"), {0, 8192}, 2, "passphrase cost");
    refused(words("p"), {17, 8192}, 2, "passphrase cost");
    refused(words("p"), {1, 7168}, 2, "passphrase cost");
    refused(words("p"), {1, 8192 + 512}, 2, "passphrase cost");
    refused(words("p"), {1, passphrase_cost::max_memory_bytes + 1024}, 2, "passphrase cost");
    refused(words("p"), {}, 2, "passphrase cost");
    CHECK(seal_with_passphrase(secret<bytes>(bytes(max_passphrase_bytes, 'a')), as_bytes("x"), {},
                               passphrase_cost::minimum(), rng)
              .has_value());

    CHECK(passphrase_cost::moderate().is_valid());
    CHECK(passphrase_cost::minimum().is_valid());
    CHECK(passphrase_cost{passphrase_cost::max_operations, passphrase_cost::max_memory_bytes}.is_valid());
}
