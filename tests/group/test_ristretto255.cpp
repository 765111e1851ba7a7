// Points and scalars: the vectors of RFC 9496, the laws of a prime-order group, and what parsing refuses.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/group/generators.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/hash/sha2.hpp>

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace veilsum;
using veilsum::group::point;
using veilsum::group::scalar;
using veilsum::tests::seeded_random;

namespace {

bytes unhex(const std::string& text) {
    const auto data = from_hex(text);
    REQUIRE(data);
    return *data;
}

// l and l - 1, little-endian.
const std::string order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
const std::string largest = "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

// sum_i x_i P_i by double-and-add over the bits, with additions only.
point multiply_by_additions(const scalar& x, const point& p) {
    point sum;
    for (std::size_t bit = 256; bit-- > 0;) {
        sum = sum + sum;
        if ((x.bytes()[bit / 8] >> (bit % 8) & 1) != 0) sum = sum + p;
    }
    return sum;
}

// RFC 9496, appendix A.1: 0 B .. 15 B.
const std::vector<std::string> multiples{
    "0000000000000000000000000000000000000000000000000000000000000000",
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
    "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
    "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
    "f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403",
    "44f53520926ec81fbd5a387845beb7df85a96a24ece18738bdcfa6a7822a176d",
    "903293d8f2287ebe10e2374dc1a53e0bc887e592699f02d077d5263cdd55601c",
    "02622ace8f7303a31cafc63f8fc48fdc16e1c8c8d234b2f0d6685282a9076031",
    "20706fd788b2720a1ed2a5dad4952b01f413bcf0e7564de8cdc816689e2db95f",
    "bce83f8ba5dd2fa572864c24ba1810f9522bc6004afe95877ac73241cafdab42",
    "e4549ee16b9aa03099ca208c67adafcafa4c3f3e4e5303de6026e3ca8ff84460",
    "aa52e000df2e16f55fb1032fc33bc42742dad6bd5a8fc0be0167436c5948501f",
    "46376b80f409b29dc2b5f6f0c52591990896e5716f41477cd30085ab7f10301e",
    "e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e",
};

// RFC 9496, appendix A.2.
const std::vector<std::string> bad_encodings{
    // not canonical
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    // negative field elements
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
    "c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
    "c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78",
    "47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24",
    "f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72",
    "87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309",
    // x^2 not a square
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
    "de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b",
    "bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042",
    "2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08",
    "f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22",
    "8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731",
    "2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b",
    // x y negative
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
    "d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e",
    "8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32",
    "32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b",
    "227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165",
    "5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e",
    "445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b",
    // s = -1, so y = 0
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

} // namespace

TEST_CASE("point: multiples of the base have the encodings of RFC 9496", "[group]") {
    point by_addition;
    for (std::uint64_t k = 0; k < multiples.size(); ++k) {
        CHECK(to_hex((scalar::from_u64(k) * point::base()).bytes()) == multiples[k]);
        CHECK(to_hex(point::from_scalar_base(scalar::from_u64(k)).bytes()) == multiples[k]);
        CHECK(to_hex(by_addition.bytes()) == multiples[k]);
        auto parsed = point::parse(unhex(multiples[k]));
        REQUIRE(parsed);
        CHECK(*parsed == by_addition);
        CHECK(parsed->is_identity() == (k == 0));
        by_addition += point::base();
    }
}

TEST_CASE("point: the malformed encodings of RFC 9496 are refused", "[group]") {
    REQUIRE(bad_encodings.size() == 29);
    for (const std::string& text : bad_encodings) {
        auto refused = point::parse(unhex(text));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::malformed);
        CHECK(refused.error().what == "point encoding");
    }
    bytes data = unhex(multiples[1]);
    CHECK(point::parse(byte_view(data).first(31)).error().what == "point length");
    data.push_back(0);
    CHECK(point::parse(data).error().what == "point length");
    CHECK(point::parse({}).error().what == "point length");
}

TEST_CASE("point: the one-way map gives the elements of RFC 9496", "[group]") {
    const std::vector<std::pair<std::string, std::string>> vectors{
        {"Ristretto is traditionally a short shot of espresso coffee",
         "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"},
        {"made with the normal amount of ground coffee but extracted with",
         "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b"},
        {"about half the amount of water in the same amount of time",
         "006ccd2a9e6867e6a2c5cea83d3302cc9de128dd2a9a57dd8ee7b9d7ffe02826"},
        {"by using a finer grind.", "f8f0c87cf237953c5890aec3998169005dae3eca1fbb04548c635953c817f92a"},
        {"This produces a concentrated shot of coffee per volume.",
         "ae81e7dedf20a497e10c304a765c1767a42d6e06029758d2d7e8ef7cc4c41179"},
        {"Just pulling a normal shot short will produce a weaker shot",
         "e2705652ff9f5e44d3e841bf1c251cf7dddb77d140870d1ab2ed64f1a9ce8628"},
        {"and is not a Ristretto as some believe.",
         "80bd07262511cdde4863f8a7434cef696750681cb9510eea557088f76d9e5065"},
    };
    for (const auto& [label, expected] : vectors)
        CHECK(to_hex(point::from_uniform(hash::sha512(as_bytes(label))).bytes()) == expected);
}

TEST_CASE("point: zero scalars and the identity multiply to the identity", "[group]") {
    seeded_random rng(1);
    const scalar x = scalar::random(rng);
    const point p = x * point::base();
    CHECK((scalar::zero() * p).is_identity());
    CHECK((x * point::identity()).is_identity());
    CHECK((scalar::zero() * point::identity()).is_identity());
    CHECK(point::from_scalar_base(scalar::zero()).is_identity());
    CHECK((p - p).is_identity());
    CHECK((p + -p).is_identity());
    CHECK(-point::identity() == point::identity());
    CHECK(p + point::identity() == p);
    // (l - 1) P + P
    CHECK((*scalar::from_bytes(unhex(largest)) * p + p).is_identity());
    CHECK_FALSE(p.is_identity());
}

TEST_CASE("scalar: only reduced encodings of 32 bytes are accepted", "[group]") {
    CHECK(*scalar::from_bytes(bytes(32, 0)) == scalar::zero());
    CHECK(*scalar::from_bytes(unhex(largest)) == -scalar::one());
    for (const std::string& text : std::vector<std::string>{
             order, "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", std::string(64, 'f'),
             "0000000000000000000000000000000000000000000000000000000000000080",
             "0000000000000000000000000000000000000000000000000000000000000020"}) {
        auto refused = scalar::from_bytes(unhex(text));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::malformed);
        CHECK(refused.error().what == "scalar not reduced");
    }
    CHECK(scalar::from_bytes(bytes(31, 0)).error().what == "scalar length");
    CHECK(scalar::from_bytes(bytes(33, 0)).error().what == "scalar length");
    CHECK(scalar::from_little_endian(unhex(order)).is_zero());
    CHECK(scalar::from_little_endian({}) == scalar::zero());
    byte_array<64> ones{};
    ones.fill(255);
    // 2^512 - 1 = (2^256)^2 - 1
    bytes two_to_256(33, 0);
    two_to_256[32] = 1;
    const scalar s = scalar::from_little_endian(two_to_256);
    CHECK(scalar::from_uniform(ones) == s * s - scalar::one());
}

TEST_CASE("scalar: signed integers map to their residues", "[group]") {
    for (const std::int64_t v : {std::int64_t{0}, std::int64_t{1}, std::int64_t{77}, std::int64_t{1} << 40,
                                 std::numeric_limits<std::int64_t>::max()}) {
        CHECK(scalar::from_i64(v) == scalar::from_u64(static_cast<std::uint64_t>(v)));
        CHECK(scalar::from_i64(-v) == -scalar::from_i64(v));
        CHECK((scalar::from_i64(-v) + scalar::from_i64(v)).is_zero());
    }
    CHECK(scalar::from_i64(std::numeric_limits<std::int64_t>::min()) ==
          -scalar::from_u64(std::uint64_t{1} << 63));
    CHECK(to_hex(scalar::from_i64(-1).bytes()) == largest);
}

TEST_CASE("scalar: wiping makes it zero, a secret one is wiped when it dies", "[group]") {
    seeded_random rng(2);
    scalar x = scalar::random(rng);
    CHECK_FALSE(x.is_zero());
    x.wipe();
    CHECK(x.is_zero());
    STATIC_REQUIRE(wipeable<scalar>);
    STATIC_REQUIRE(wipeable<std::vector<point>>);
}

// The laws of prime_group.hpp, for every model.
TEMPLATE_TEST_CASE("prime_group: the laws hold", "[group]", group::ristretto255) {
    using element = typename TestType::point;
    using number = typename TestType::scalar;
    seeded_random rng(3);
    const auto draw = [&rng] {
        byte_array<64> wide{};
        rng.fill(wide);
        return wide;
    };
    for (int trial = 0; trial < 20; ++trial) {
        const number x = number::from_uniform(draw());
        const number y = number::from_uniform(draw());
        const number z = number::from_uniform(draw());
        const element p = element::from_uniform(draw());
        const element q = element::from_uniform(draw());
        const element r = element::from_uniform(draw());
        CHECK((x + y) + z == x + (y + z));
        CHECK(x + y == y + x);
        CHECK(x * y == y * x);
        CHECK((x * y) * z == x * (y * z));
        CHECK(x * (y + z) == x * y + x * z);
        CHECK(x - y == x + -y);
        CHECK(x * number::one() == x);
        CHECK(x + number::zero() == x);
        CHECK(x * *x.invert() == number::one());
        CHECK((p + q) + r == p + (q + r));
        CHECK(p + q == q + p);
        CHECK(p - q == p + -q);
        CHECK(p + element::identity() == p);
        CHECK((x + y) * p == x * p + y * p);
        CHECK(x * (p + q) == x * p + x * q);
        CHECK((x * y) * p == x * (y * p));
        CHECK(number::one() * p == p);
        CHECK(*element::parse(p.bytes()) == p);
        CHECK(*number::from_bytes(x.bytes()) == x);
        CHECK_FALSE(p == q);
    }
    auto none = number::zero().invert();
    REQUIRE_FALSE(none);
    CHECK(none.error().code == errc::not_a_unit);
}

TEST_CASE("point: multiplication agrees with additions alone", "[group]") {
    seeded_random rng(4);
    for (int trial = 0; trial < 5; ++trial) {
        const scalar x = scalar::random(rng);
        byte_array<64> wide{};
        rng.fill(wide);
        const point p = point::from_uniform(wide);
        CHECK(x * p == multiply_by_additions(x, p));
        CHECK(point::from_scalar_base(x) == multiply_by_additions(x, point::base()));
    }
}

TEST_CASE("multi_scalar: sums agree with one term after the other", "[group]") {
    seeded_random rng(5);
    for (const std::size_t count : {0u, 1u, 2u, 15u, 16u, 17u, 33u, 70u}) {
        std::vector<scalar> scalars;
        std::vector<point> points;
        point products;
        point plain;
        for (std::size_t i = 0; i < count; ++i) {
            byte_array<64> wide{};
            rng.fill(wide);
            scalars.push_back(i % 7 == 3 ? scalar::zero() : scalar::random(rng));
            points.push_back(i % 5 == 4 ? point::identity() : point::from_uniform(wide));
            products += scalars[i] * points[i];
            plain += points[i];
        }
        CHECK(group::sum_of_products(scalars, points) == products);
        CHECK(group::sum(points) == plain);
    }
}

// From an independent model of the specification.
TEST_CASE("generators: points of the specification's labels", "[group]") {
    const auto encoded = [](std::string_view name, std::uint32_t i) {
        return to_hex(group::generator(name, i).bytes());
    };
    CHECK(encoded("G", 0) == "24a6cd65232d86ff250f25af385984ed1f77f937e51225fa4a147ed6b4a3c931");
    CHECK(encoded("G", 1) == "a2538ae2f0dcf427da4b66f429cb119624a9ba3c3fd42db5b0c0f8bb90cd0a4f");
    CHECK(encoded("G", 1000) == "a64cc4349cc81af03bde175d571e79fd6556e8265260fed89f4d8b417a406427");
    CHECK(encoded("H", 0) == "c61f8836a6c3e81e6250993a9f1eccff78b953e1d939b566c69be96fcc6e976b");
    CHECK(encoded("Q", 0) == "14faf69e239640d0d36ff74af282a38fed53e90eee7978217a711011b0ce676a");
    CHECK(encoded("Q", 1) == "84afc329270641277b9967a543116311e06577c830481aa502194c33409d861a");
    CHECK(encoded("Q", 2) == "0842d7f8e38ddfb4f0de998d769cbbc1a5483028e5de0b265e4beebe0eadff7d");
}
