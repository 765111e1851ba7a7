// The messages of `cluster`: one encoding each, caps before memory, and an error for everything else.
#include "support/catch.hpp"

#include "cluster/protocol.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

using namespace veilsum;
using cluster::reply;
using cluster::request;

namespace {

constexpr std::size_t cap = 100; // of a contribution or partial decryption here

hash::digest32 filled(std::uint8_t with) {
    hash::digest32 made{};
    made.fill(with);
    return made;
}

std::vector<request> every_request() {
    return {cluster::records_request{7},
            cluster::body_request{filled(3), 1U << 20},
            cluster::contribute_request{bytes(cap, 5)},
            cluster::partial_request{bytes(3, 6)},
            cluster::receipt_request{filled(9)},
            cluster::enrol_request{bytes(4, 2)}};
}

std::vector<reply> every_reply() {
    cluster::records_reply records{"note\n", {}};
    records.records.push_back({bytes(60, 1), {}});
    records.records.push_back({bytes(70, 2), {{filled(4), filled(5)}}});
    return {records, cluster::piece_reply{40, bytes(30, 7)}, cluster::receipt_reply{bytes(20, 8)},
            cluster::done_reply{}, cluster::refused_reply{errc::duplicate, 12, "duplicate: a second one"}};
}

result<cluster::numbered<request>> parse(const request&, byte_view data) {
    return cluster::parse_request(data, cap);
}
result<cluster::numbered<reply>> parse(const reply&, byte_view data) {
    return cluster::parse_reply(data);
}

// Cut, lengthened, and each byte changed: an error, or another message with exactly these bytes.
template <class Message>
void check_encoding(const std::vector<Message>& messages) {
    std::size_t kind = 0;
    for (const Message& message : messages) {
        const bytes data = cluster::serialize(0x0102030405060708U, message);
        INFO("kind " << ++kind);
        CHECK(data[0] == cluster::protocol_version);
        CHECK(data[1] == kind);
        const auto parsed = parse(message, data);
        REQUIRE(parsed);
        CHECK(parsed->number == 0x0102030405060708U);
        CHECK(parsed->message == message);
        for (std::size_t length = 0; length < data.size(); ++length)
            CHECK_FALSE(parse(message, byte_view(data).first(length)));
        bytes longer = data;
        longer.push_back(0);
        const auto trailing = parse(message, longer);
        REQUIRE_FALSE(trailing);
        CHECK(trailing.error().what == "trailing bytes");
        for (std::size_t at = 0; at < data.size(); ++at)
            for (const int flip : {0x01, 0x80}) {
                bytes changed = data;
                changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
                const auto other = parse(message, changed);
                if (other) CHECK(cluster::serialize(other->number, other->message) == changed);
            }
    }
}

bytes with_header(std::uint8_t version, std::uint8_t kind, const bytes& content) {
    bytes data{version, kind, 0, 0, 0, 0, 0, 0, 0, 9};
    data.insert(data.end(), content.begin(), content.end());
    return data;
}

} // namespace

TEST_CASE("cluster protocol: each request has one encoding", "[examples]") {
    check_encoding(every_request());
}

TEST_CASE("cluster protocol: each reply has one encoding", "[examples]") {
    check_encoding(every_reply());
}

TEST_CASE("cluster protocol: version and kind are checked first", "[examples]") {
    const auto what = [](const bytes& data) {
        const auto parsed = cluster::parse_request(data, cap);
        return parsed ? std::string("accepted") : std::string(parsed.error().what);
    };
    const bytes eight(8, 0);
    CHECK(what(with_header(1, 1, eight)) == "accepted");
    CHECK(what(with_header(0, 1, eight)) == "version of the cluster protocol");
    CHECK(what(with_header(2, 1, eight)) == "version of the cluster protocol");
    CHECK(what(with_header(1, 0, eight)) == "kind of message");
    CHECK(what(with_header(1, std::variant_size_v<request> + 1, eight)) == "kind of message");
    CHECK(what({}) == "truncated");
}

TEST_CASE("cluster protocol: caps hold before memory is asked for", "[examples]") {
    const auto parsed = cluster::parse_request(
        cluster::serialize(9, request(cluster::contribute_request{bytes(cap + 1, 5)})), cap);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().what == "length above its cap");

    const bytes no_note(4, 0);
    bytes records = no_note;
    records.insert(records.end(), {0x00, 0x00, 0x01, 0x01}); // 257 records
    const auto many = cluster::parse_reply(with_header(1, 1, records));
    REQUIRE_FALSE(many);
    CHECK(many.error().what == "count above its cap");
    records[6] = 0; // 1 record, of which nothing is there
    const auto absent = cluster::parse_reply(with_header(1, 1, records));
    REQUIRE_FALSE(absent);
    CHECK(absent.error().what == "count above what the bytes hold");

    const auto piece = cluster::parse_reply(
        with_header(1, 2, {0, 0, 0, 0, 0, 0, 0, 9, 0x00, 0x10, 0x00, 0x01})); // a byte above a piece
    REQUIRE_FALSE(piece);
    CHECK(piece.error().what == "length above its cap");
}

TEST_CASE("cluster protocol: a refusal carries printable text only", "[examples]") {
    const error reason{errc::mismatch, "digest", 3, "line\n\x1b[2J" + std::string(1000, 'x')};
    const auto made = cluster::refused_reply::of(reason);
    CHECK(made.text.size() == cluster::max_text_bytes);
    CHECK(made.text.find("line??[2Jx") != std::string::npos);
    CHECK(cluster::parse_reply(cluster::serialize(1, reply(made))));
    auto bent = made;
    bent.text[5] = '\x1b';
    const auto parsed = cluster::parse_reply(cluster::serialize(1, reply(bent)));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().what == "text of a refusal");
    const auto code = cluster::parse_reply(with_header(1, 5, {200, 0, 0, 0, 0, 0, 0, 0, 0}));
    REQUIRE_FALSE(code);
    CHECK(code.error().what == "error code");
}

TEST_CASE("cluster protocol: the number of a malformed request is found where there is one", "[examples]") {
    CHECK(cluster::number_of(with_header(7, 7, {})) == 9);
    CHECK(cluster::number_of(bytes(9, 1)) == 0);
}
