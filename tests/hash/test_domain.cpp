// Labelled hashes: the documented formula, and no two (label, data) pairs that share an input.
#include "support/catch.hpp"

#include <veilsum/hash/domain.hpp>

#include <set>
#include <string>
#include <string_view>

using namespace veilsum;
using namespace veilsum::hash;

TEST_CASE("labelled_hash: fixed vectors", "[hash]") {
    // Computed with Python's hashlib from SHA-256(u64(len label) || label || u64(len data) || data).
    CHECK(to_hex(labelled_hash("veilsum.test/1", as_bytes("abc"))) ==
          "7b4ac9c96ab7a5c6ff557c39a237f7154588da93f8525bd1b35fc472e4ce9f79");
    CHECK(to_hex(labelled_hash("", {})) ==
          "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb");
    CHECK(to_hex(length_prefix(0x0102030405060708)) == "0102030405060708");
    CHECK(to_hex(length_prefix(5)) == "0000000000000005");
}

TEST_CASE("labelled_hash: moving a byte between label and data changes the digest", "[hash]") {
    const std::string text = "veilsum.test/1abc";
    std::set<digest32> seen;
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        seen.insert(labelled_hash(text.substr(0, cut), as_bytes(text.substr(cut))));
    CHECK(seen.size() == text.size() + 1);
}

TEST_CASE("labelled_hash: data that imitates the framing does not reach another input", "[hash]") {
    // "a" with data u64(1) || "b" spells the frames of label "a", data "b" inside the data.
    bytes imitation;
    const auto prefix = length_prefix(1);
    imitation.insert(imitation.end(), prefix.begin(), prefix.end());
    imitation.push_back('b');
    CHECK(labelled_hash("a", imitation) != labelled_hash("a", as_bytes("b")));
    CHECK(labelled_hash("a", {}) != labelled_hash("", as_bytes("a")));
    CHECK(labelled_hash("a", {}) != sha256(as_bytes("a")));
}
