#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/paillier/ciphertext_vector.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using test::fixed_public_key;
using test::seeded_random;
using toy = test::toy_scheme<1>;
using vector_type = ciphertext_vector<toy>;

namespace {

constexpr std::size_t width = toy::ciphertext_bytes;

bytes encode(const std::vector<bigint>& numbers) {
    bytes raw;
    for (const bigint& number : numbers) {
        const bytes part = number.to_bytes(width);
        raw.insert(raw.end(), part.begin(), part.end());
    }
    return raw;
}
std::vector<bigint> some_units(std::size_t count) {
    const auto& key = fixed_public_key<toy>();
    std::vector<bigint> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(power_vartime(3, bigint(1) << (600 + i), key.modulus()));
    return out;
}
void refused(const result<vector_type>& parsed, errc code, std::string_view what, std::uint32_t check,
             std::string_view place) {
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == code);
    CHECK(parsed.error().what == what);
    CHECK(parsed.error().check == check);
    CHECK(parsed.error().place == place);
}

} // namespace

TEST_CASE("ciphertext vector: bytes come back, whole and in slices", "[paillier]") {
    const auto& key = fixed_public_key<toy>();
    std::vector<bigint> units = some_units(7);
    units.push_back(1);
    units.push_back(key.modulus() - 1);
    const bytes raw = encode(units);
    const auto parsed = vector_type::parse(key, raw, 9);
    REQUIRE(parsed.has_value());
    CHECK(parsed->size() == 9);
    CHECK(parsed->key_id() == key.id());
    CHECK(parsed->serialize() == raw);
    for (std::size_t i = 0; i < 9; ++i) CHECK((*parsed)[i] == units[i]);

    const vector_type part = parsed->slice(2, 3);
    CHECK(part.size() == 3);
    CHECK(part.key_id() == key.id());
    CHECK(part.serialize() == encode({units[2], units[3], units[4]}));
    CHECK(part == *vector_type::parse(key, encode({units[2], units[3], units[4]}), 3));
    CHECK_FALSE(part == parsed->slice(3, 3));
    CHECK_FALSE(part == parsed->slice(2, 2));
    CHECK(parsed->slice(0, 9) == *parsed);
    CHECK(test::ends_process([&] { (void)parsed->slice(7, 3); }));
    CHECK(test::ends_process([&] { (void)parsed->slice(0, 0); }));
}

TEST_CASE("ciphertext vector: one that was moved from is empty, and using it ends the process",
          "[paillier]") {
    auto from = vector_type::parse(fixed_public_key<toy>(), encode(some_units(3)), 3).value();
    const vector_type to = std::move(from);
    CHECK(to.size() == 3);
    CHECK(from.size() == 0); // what a careless caller sees
    CHECK(test::ends_process([&] { (void)from.key_id(); }));
    CHECK(test::ends_process([&] { (void)from.values(); }));
    CHECK(test::ends_process([&] { (void)from.serialize_frame(); }));
    CHECK(test::ends_process([&] { (void)(from == to); }));
}

TEST_CASE("ciphertext vector: check 1, the count is the caller's", "[paillier]") {
    const auto& key = fixed_public_key<toy>();
    const bytes raw = encode(some_units(3));
    const std::string_view what = "length of the ciphertexts";
    for (const std::size_t count : {std::size_t{0}, std::size_t{2}, std::size_t{4}, ~std::size_t{0}})
        refused(vector_type::parse(key, raw, count), errc::malformed, what, 1, "");
    refused(vector_type::parse(key, byte_view(raw).first(raw.size() - 1), 3), errc::malformed, what, 1, "");
    bytes longer = raw;
    longer.push_back(0);
    refused(vector_type::parse(key, longer, 3), errc::malformed, what, 1, "");
    refused(vector_type::parse(key, bytes{}, 0), errc::missing, "ciphertexts", 1, "");
}

TEST_CASE("ciphertext vector: check 2 names the first number out of range", "[paillier]") {
    const auto& key = fixed_public_key<toy>();
    for (const bigint& bad : {bigint(0), key.modulus(), key.modulus() + 1, (bigint(1) << (8 * width)) - 1}) {
        std::vector<bigint> numbers = some_units(6);
        numbers[2] = bad;
        numbers[5] = bad;
        refused(vector_type::parse(key, encode(numbers), 6), errc::out_of_range, "ciphertext", 2,
                "ciphertext 2");
    }
}

TEST_CASE("ciphertext vector: check 3 names the first non-unit, wherever it hides", "[paillier]") {
    const auto& key = fixed_public_key<toy>();
    const auto pair = test::fixed_prime_pair<512>();
    const bigint p = pair.p.expose(), q = pair.q.expose();
    for (std::size_t at = 0; at < 5; ++at) {
        for (const bigint& bad : {p, q, key.n(), p * p, q * 2, key.modulus() - p}) {
            std::vector<bigint> numbers = some_units(5);
            numbers[at] = bad;
            refused(vector_type::parse(key, encode(numbers), 5), errc::not_a_unit, "ciphertext", 3,
                    "ciphertext " + std::to_string(at));
        }
    }
    // Two that are zero together: the product vanishes.
    refused(vector_type::parse(key, encode({bigint(1), p * p, q * q}), 3), errc::not_a_unit, "ciphertext", 3,
            "ciphertext 1");
}

TEST_CASE("ciphertext vector: the frame names its key", "[paillier]") {
    const auto& key = fixed_public_key<toy>();
    const auto& other = fixed_public_key<toy, 1>();
    const auto numbers = vector_type::parse(key, encode(some_units(4)), 4);
    const bytes frame = numbers->serialize_frame();
    const auto again = vector_type::parse_frame(key, frame, 4);
    REQUIRE(again.has_value());
    CHECK(*again == *numbers);
    CHECK(again->serialize_frame() == frame);

    CHECK(vector_type::parse_frame(other, frame, 4).error().code == errc::wrong_key);
    CHECK(vector_type::parse_frame(key, frame, 3).error().what == "frame length");
    bytes longer = frame;
    longer.push_back(0);
    CHECK(vector_type::parse_frame(key, longer, 100).error().what == "trailing bytes");
    for (const std::uint8_t count : {std::uint8_t{0}, std::uint8_t{3}}) {
        bytes data = frame;
        data[12 + 32 + 3] = count;
        CHECK(vector_type::parse_frame(key, data, 100).error().what == "length of the ciphertexts");
    }
    bytes claims = frame;
    claims[12 + 32 + 3] = 5;
    CHECK(vector_type::parse_frame(key, claims, 100).error().what == "count above what the bytes hold");
    claims[12 + 32] = 255;
    CHECK(vector_type::parse_frame(key, claims, 100).error().what == "count above its cap");
    for (std::size_t size = 0; size < frame.size(); size += 7)
        CHECK_FALSE(vector_type::parse_frame(key, byte_view(frame).first(size), 4).has_value());
}

TEST_CASE("ciphertext vector: random bytes are a vector or an error", "[paillier]") {
    const auto& key = fixed_public_key<toy>();
    seeded_random rng(20);
    std::size_t accepted = 0;
    for (int i = 0; i < 200; ++i) {
        const bytes raw = rng.draw(width);
        const auto parsed = vector_type::parse(key, raw, 1);
        const bigint value = bigint::from_bytes(raw);
        CHECK(parsed.has_value() == (value < key.modulus() && gcd(value, key.n()) == 1));
        if (parsed) {
            ++accepted;
            CHECK(parsed->serialize() == raw);
        }
    }
    CHECK(accepted > 0);
}
