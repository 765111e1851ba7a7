#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/audit/record.hpp>

#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::audit;

namespace {

record sample_record(bytes body) {
    record entry{3, 1, 7, {}, std::move(body)};
    for (std::size_t i = 0; i < 32; ++i) entry.previous[i] = static_cast<std::uint8_t>(i);
    return entry;
}

std::vector<bytes> sample_chain(std::size_t count) {
    std::vector<bytes> log;
    chain_verifier chain;
    for (std::size_t i = 0; i < count; ++i) {
        log.push_back(
            record{1, 1, chain.size(), chain.head(), bytes(i, static_cast<std::uint8_t>(i))}.serialize());
        chain.advance(record_hash(byte_view(log.back())));
    }
    return log;
}

// Feeds all records; the error of the first that is refused.
result<void> feed_all(chain_verifier& chain, const std::vector<bytes>& log) {
    for (const bytes& entry : log)
        if (auto fed = chain.feed(entry); !fed) return fed.error();
    return {};
}

void check_error(const result<void>& outcome, errc code, std::string_view what, std::uint32_t check,
                 std::string_view place) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().place == place);
}

} // namespace

TEST_CASE("record: bytes and hash of a fixed record", "[audit]") {
    // Made with Python's hashlib from the layout in docs/spec/record.md.
    const record entry = sample_record({'h', 'e', 'l', 'l', 'o'});
    CHECK(to_hex(entry.serialize()) == "564c4f47"
                                       "0003"
                                       "0001"
                                       "0000000000000007"
                                       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                                       "00000005"
                                       "68656c6c6f");
    CHECK(to_hex(record_hash(entry)) == "381e200e4db76489a3e817896e35a6d92ff36738bca458a650bfe31211f4080f");
    CHECK(to_hex(leaf_hash(entry.serialize()).value()) ==
          "21ae1d12121a9c0d848a4cc7d24e86a7d93d4e0964dd9d107a371a33e8ee7920");
}

TEST_CASE("record: what was written is read back", "[audit]") {
    test::seeded_random rng(1);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1000}, max_record_body}) {
        const record entry = sample_record(rng.draw(size));
        const bytes canonical = entry.serialize();
        CHECK(canonical.size() == record_header_bytes + size);
        const auto parsed = record::parse(canonical);
        REQUIRE(parsed);
        CHECK((*parsed == entry));
    }
}

TEST_CASE("record: every other length is refused", "[audit]") {
    const bytes canonical = sample_record({1, 2, 3}).serialize();
    for (std::size_t length = 0; length < canonical.size(); ++length) {
        const auto parsed = record::parse(byte_view(canonical).first(length));
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == errc::malformed);
        CHECK(parsed.error().what ==
              (length < record_header_bytes ? "length of the record header" : "length of the record"));
    }
    bytes longer = canonical;
    longer.push_back(0);
    const auto parsed = record::parse(longer);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().what == "length of the record");
}

TEST_CASE("record: the magic is exact and a huge length is refused before it is believed", "[audit]") {
    bytes canonical = sample_record({}).serialize();
    for (std::size_t i = 0; i < 4; ++i) {
        bytes altered = canonical;
        altered[i] ^= 0x20;
        const auto parsed = record::parse(altered);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().what == "record magic");
    }
    for (const std::uint32_t length : {std::uint32_t{max_record_body} + 1, 0xffffffffu}) {
        for (std::size_t i = 0; i < 4; ++i)
            canonical[48 + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
        const auto parsed = record::parse(canonical);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == errc::overflow);
        CHECK(parsed.error().what == "record body");
    }
}

TEST_CASE("record: a body above the cap cannot be written", "[audit]") {
    const record entry = sample_record(bytes(max_record_body + 1));
    CHECK(test::ends_process([&] { (void)entry.serialize(); }));
}

TEST_CASE("chain: an honest chain is accepted and its head is the last hash", "[audit]") {
    const std::vector<bytes> log = sample_chain(20);
    chain_verifier chain;
    CHECK(chain.head() == hash::digest32{});
    REQUIRE(feed_all(chain, log));
    CHECK(chain.size() == 20);
    CHECK(chain.head() == record_hash(byte_view(log.back())));
}

TEST_CASE("chain: each manipulation is refused by its own check at its own record", "[audit]") {
    std::vector<bytes> log = sample_chain(6);
    chain_verifier chain;

    SECTION("record taken out") {
        log.erase(log.begin() + 2);
        check_error(feed_all(chain, log), errc::mismatch, "record sequence number", 2, "record 2");
    }
    SECTION("record doubled") {
        log.insert(log.begin() + 3, log[2]);
        check_error(feed_all(chain, log), errc::mismatch, "record sequence number", 2, "record 3");
    }
    SECTION("records swapped") {
        std::swap(log[3], log[4]);
        check_error(feed_all(chain, log), errc::mismatch, "record sequence number", 2, "record 3");
    }
    SECTION("records swapped and renumbered") {
        std::swap(log[3], log[4]);
        std::swap(log[3][15], log[4][15]);
        check_error(feed_all(chain, log), errc::mismatch, "hash of the previous record", 3, "record 3");
    }
    SECTION("body altered: the next record says so") {
        log[4].back() ^= 1;
        check_error(feed_all(chain, log), errc::mismatch, "hash of the previous record", 3, "record 5");
    }
    SECTION("link altered") {
        log[4][16] ^= 1;
        check_error(feed_all(chain, log), errc::mismatch, "hash of the previous record", 3, "record 4");
    }
    SECTION("first record with a predecessor") {
        log[0][16] ^= 1;
        check_error(feed_all(chain, log), errc::mismatch, "hash of the previous record", 3, "record 0");
    }
    SECTION("bytes that are no record") {
        log[1].pop_back();
        check_error(feed_all(chain, log), errc::malformed, "length of the record", 1, "record 1");
    }
}

TEST_CASE("chain: a refused record leaves the verifier as it was", "[audit]") {
    const std::vector<bytes> log = sample_chain(3);
    chain_verifier chain;
    REQUIRE(chain.feed(log[0]));
    CHECK_FALSE(chain.feed(log[2]));
    CHECK(chain.size() == 1);
    CHECK(chain.head() == record_hash(byte_view(log[0])));
    CHECK(chain.feed(log[1]));
}

TEST_CASE("chain: a cut end is not noticed by the chain alone", "[audit]") {
    std::vector<bytes> log = sample_chain(5);
    log.pop_back();
    chain_verifier chain;
    CHECK(feed_all(chain, log)); // why there are checkpoints
}
