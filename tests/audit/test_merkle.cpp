#include <veilsum/audit/merkle.hpp>
#include <veilsum/audit/merkle_proof.hpp>

#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/naive_merkle.hpp"
#include "support/seeded_random.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace veilsum;
using namespace veilsum::audit;

namespace {

// The eight leaves, the roots and the proofs with which the Certificate Transparency reference implementation
// tests its Merkle tree (google/certificate-transparency, merkletree/merkle_tree_test.cc; also
// transparency-dev/merkle, testonly).
const std::array<std::string_view, 8> reference_leaves = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const std::array<std::string_view, 9> reference_roots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

struct reference_proof {
    std::uint64_t first; // index of the leaf, or the old size
    std::uint64_t size;
    std::vector<std::string_view> path;
};
const std::vector<reference_proof> reference_inclusion = {
    {0, 1, {}},
    {0,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {5,
     8,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
    {1,
     5,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}}};
const std::vector<reference_proof> reference_consistency = {
    {1, 1, {}},
    {1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2,
     5,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    {3,
     7,
     {"0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
      "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"}}};

std::vector<std::string> hex_of(const test::digests& path) {
    std::vector<std::string> text;
    for (const hash::digest32& digest : path) text.push_back(to_hex(digest));
    return text;
}
std::vector<std::string> strings(const std::vector<std::string_view>& views) {
    return {views.begin(), views.end()};
}

merkle_tree tree_of(const std::vector<bytes>& data) {
    merkle_tree tree;
    for (const bytes& leaf : data) tree.append(byte_view(leaf));
    return tree;
}
std::vector<bytes> random_leaves(std::size_t count) {
    test::seeded_random rng(count);
    std::vector<bytes> data;
    for (std::size_t i = 0; i < count; ++i) data.push_back(rng.draw(i % 7));
    return data;
}

void check_error(const result<void>& outcome, errc code, std::string_view what, std::uint32_t check) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
}

} // namespace

TEST_CASE("merkle: the tree of the reference implementation", "[audit]") {
    std::vector<bytes> data;
    for (const std::string_view leaf : reference_leaves) data.push_back(*from_hex(leaf));
    const merkle_tree tree = tree_of(data);
    for (std::uint64_t size = 0; size <= 8; ++size) CHECK(to_hex(tree.root(size)) == reference_roots[size]);
    CHECK(to_hex(tree.root()) == reference_roots[8]);
    CHECK(to_hex(merkle_tree().root()) == reference_roots[0]);
    for (const reference_proof& known : reference_inclusion) {
        const inclusion_proof proof = tree.inclusion(known.first, known.size);
        CHECK(hex_of(proof.path) == strings(known.path));
        CHECK(verify_inclusion(tree.root(known.size), known.size, known.first, leaf_hash(data[known.first]),
                               proof));
    }
    for (const reference_proof& known : reference_consistency) {
        const consistency_proof proof = tree.consistency(known.first, known.size);
        CHECK(hex_of(proof.path) == strings(known.path));
        CHECK(verify_consistency(tree.root(known.first), known.first, tree.root(known.size), known.size,
                                 proof));
    }
}

TEST_CASE("merkle: roots and proofs agree with the RFC's recursive definition", "[audit]") {
    const std::vector<bytes> data = random_leaves(34);
    const merkle_tree tree = tree_of(data);
    const test::leaves all(data);
    for (std::uint64_t size = 1; size <= data.size(); ++size) {
        const test::leaves part = all.first(size);
        const hash::digest32 root = tree.root(size);
        REQUIRE(root == test::naive_root(part));
        for (std::uint64_t index = 0; index < size; ++index) {
            const inclusion_proof proof = tree.inclusion(index, size);
            REQUIRE(proof.path == test::naive_path(index, part));
            REQUIRE(verify_inclusion(root, size, index, leaf_hash(data[index]), proof));
        }
        for (std::uint64_t old = 1; old <= size; ++old) {
            const consistency_proof proof = tree.consistency(old, size);
            REQUIRE(proof.path == test::naive_consistency(old, part));
            REQUIRE(verify_consistency(tree.root(old), old, root, size, proof));
        }
    }
}

TEST_CASE("merkle: a tree grown leaf by leaf and its earlier roots", "[audit]") {
    const std::vector<bytes> data = random_leaves(1025);
    merkle_tree tree;
    std::vector<hash::digest32> roots{tree.root()};
    for (const bytes& leaf : data) {
        tree.append(byte_view(leaf));
        roots.push_back(tree.root());
    }
    for (std::uint64_t size = 0; size < roots.size(); ++size) REQUIRE(tree.root(size) == roots[size]);
    CHECK(tree.root() == test::naive_root(data));
    for (const std::uint64_t index : {0u, 511u, 512u, 1023u, 1024u}) {
        const inclusion_proof proof = tree.inclusion(index);
        CHECK(proof.path.size() == (index == 1024 ? 1 : 11));
        CHECK(verify_inclusion(tree.root(), 1025, index, leaf_hash(data[index]), proof));
    }
}

TEST_CASE("merkle: every altered part of an inclusion proof is refused", "[audit]") {
    const std::vector<bytes> data = random_leaves(13);
    const merkle_tree tree = tree_of(data);
    for (std::uint64_t index = 0; index < 13; ++index) {
        const inclusion_proof proof = tree.inclusion(index);
        const leaf_hash leaf(data[index]);
        for (std::size_t i = 0; i < proof.path.size(); ++i) {
            inclusion_proof altered = proof;
            altered.path[i][31] ^= 1;
            check_error(verify_inclusion(tree.root(), 13, index, leaf, altered), errc::mismatch,
                        "root from the inclusion proof", 3);
        }
        inclusion_proof longer = proof;
        longer.path.push_back(tree.root());
        check_error(verify_inclusion(tree.root(), 13, index, leaf, longer), errc::malformed,
                    "length of the inclusion proof", 2);
        inclusion_proof shorter = proof;
        shorter.path.pop_back();
        check_error(verify_inclusion(tree.root(), 13, index, leaf, shorter), errc::malformed,
                    "length of the inclusion proof", 2);
        check_error(verify_inclusion(tree.root(12), 13, index, leaf, proof), errc::mismatch,
                    "root from the inclusion proof", 3);
        check_error(verify_inclusion(tree.root(), 13, index, leaf_hash(as_bytes("another")), proof),
                    errc::mismatch, "root from the inclusion proof", 3);
        for (std::uint64_t other = 0; other < 13; ++other)
            if (other != index) CHECK_FALSE(verify_inclusion(tree.root(), 13, other, leaf, proof));
    }
    check_error(verify_inclusion(tree.root(), 13, 13, leaf_hash(data[12]), tree.inclusion(12)),
                errc::out_of_range, "index of the leaf", 1);
    check_error(verify_inclusion(empty_tree_root(), 0, 0, leaf_hash(data[0]), {}), errc::out_of_range,
                "index of the leaf", 1);
}

TEST_CASE("merkle: every altered part of a consistency proof is refused", "[audit]") {
    const std::vector<bytes> data = random_leaves(13);
    const merkle_tree tree = tree_of(data);
    const hash::digest32 root = tree.root();
    for (std::uint64_t old = 1; old < 13; ++old) {
        const consistency_proof proof = tree.consistency(old);
        for (std::size_t i = 0; i < proof.path.size(); ++i) {
            consistency_proof altered = proof;
            altered.path[i][0] ^= 0x80;
            const auto outcome = verify_consistency(tree.root(old), old, root, 13, altered);
            REQUIRE_FALSE(outcome);
            CHECK(outcome.error().code == errc::mismatch);
            CHECK((outcome.error().check == 3 || outcome.error().check == 4));
        }
        consistency_proof longer = proof;
        longer.path.push_back(root);
        check_error(verify_consistency(tree.root(old), old, root, 13, longer), errc::malformed,
                    "length of the consistency proof", 2);
        consistency_proof shorter = proof;
        shorter.path.pop_back();
        check_error(verify_consistency(tree.root(old), old, root, 13, shorter), errc::malformed,
                    "length of the consistency proof", 2);
        check_error(verify_consistency(tree.root(old), old, tree.root(12), 13, proof), errc::mismatch,
                    "new root from the consistency proof", 4);
        check_error(verify_consistency(root, 13, tree.root(old), old, proof), errc::out_of_range,
                    "sizes of a consistency proof", 1);
    }
    // Size 7 is no power of two, so the old root is computed from the proof and compared.
    check_error(verify_consistency(tree.root(6), 7, root, 13, tree.consistency(7)), errc::mismatch,
                "old root from the consistency proof", 3);
    check_error(verify_consistency(tree.root(7), 7, root, 13, {}), errc::malformed,
                "length of the consistency proof", 2);
}

TEST_CASE("merkle: consistency at the edges, from nothing and to itself", "[audit]") {
    const std::vector<bytes> data = random_leaves(5);
    const merkle_tree tree = tree_of(data);
    const hash::digest32 root = tree.root();
    CHECK(verify_consistency(empty_tree_root(), 0, root, 5, tree.consistency(0)));
    CHECK(verify_consistency(root, 5, root, 5, tree.consistency(5)));
    CHECK(verify_consistency(empty_tree_root(), 0, empty_tree_root(), 0, {}));
    check_error(verify_consistency(root, 0, root, 5, {}), errc::mismatch,
                "old root from the consistency proof", 3);
    check_error(verify_consistency(root, 5, tree.root(4), 5, {}), errc::mismatch,
                "new root from the consistency proof", 4);
    check_error(verify_consistency(root, 5, root, 5, {{root}}), errc::malformed,
                "length of the consistency proof", 2);
    check_error(verify_consistency(empty_tree_root(), 0, root, 5, {{root}}), errc::malformed,
                "length of the consistency proof", 2);
}

TEST_CASE("merkle: a log that was rewritten is not consistent", "[audit]") {
    std::vector<bytes> data = random_leaves(9);
    const merkle_tree before = tree_of(std::vector<bytes>(data.begin(), data.begin() + 6));
    data[2] = {9, 9, 9};
    const merkle_tree after = tree_of(data);
    const auto outcome = verify_consistency(before.root(), 6, after.root(), 9, after.consistency(6));
    check_error(outcome, errc::mismatch, "old root from the consistency proof", 3);
}

TEST_CASE("merkle: an inner node is no leaf", "[audit]") {
    const std::vector<bytes> data = random_leaves(4);
    const merkle_tree tree = tree_of(data);
    // The 64 bytes whose node hash is the left half of the tree, presented as the record of a smaller tree.
    bytes children(tree.leaf(0).begin(), tree.leaf(0).end());
    children.insert(children.end(), tree.leaf(1).begin(), tree.leaf(1).end());
    const inclusion_proof forged{{tree.inclusion(0).path.back()}};
    REQUIRE(forged.path.front() == node_hash(tree.leaf(2), tree.leaf(3)));
    check_error(verify_inclusion(tree.root(), 2, 0, leaf_hash(children), forged), errc::mismatch,
                "root from the inclusion proof", 3);
    CHECK(node_hash(node_hash(tree.leaf(0), tree.leaf(1)), forged.path.front()) == tree.root());
}

TEST_CASE("merkle: a last leaf repeated makes another tree", "[audit]") {
    std::vector<bytes> data = random_leaves(3); // CVE-2012-2459: padding by repetition made these two equal
    const merkle_tree three = tree_of(data);
    data.push_back(data.back());
    CHECK(three.root() != tree_of(data).root());
}

TEST_CASE("merkle: equal leaves each have their own place", "[audit]") {
    const std::vector<bytes> data(6, bytes{1, 2, 3});
    const merkle_tree tree = tree_of(data);
    CHECK(tree.root() == test::naive_root(data));
    for (std::uint64_t index = 0; index < 6; ++index)
        CHECK(verify_inclusion(tree.root(), 6, index, leaf_hash(data[0]), tree.inclusion(index)));
    CHECK_FALSE(verify_inclusion(tree.root(), 6, 5, leaf_hash(data[0]), tree.inclusion(0)));
}

TEST_CASE("merkle: proofs travel with a bounded count", "[audit]") {
    const merkle_tree tree = tree_of(random_leaves(11));
    const inclusion_proof proof = tree.inclusion(4);
    wire::writer out;
    write_proof(out, proof);
    CHECK(out.view().size() == 4 + 32 * proof.path.size());
    wire::reader in(out.view());
    CHECK((read_proof<inclusion_proof>(in) == proof));
    CHECK(in.finish());

    const bytes hostile(4 + 32 * 70, 0xff);
    wire::reader huge(hostile);
    CHECK(read_proof<inclusion_proof>(huge).path.empty());
    REQUIRE_FALSE(huge.finish());
    CHECK(huge.finish().error().what == "count above its cap");

    wire::writer lying;
    lying.u32(3);
    lying.fixed(tree.root());
    wire::reader short_of(lying.view());
    CHECK(read_proof<consistency_proof>(short_of).path.empty());
    CHECK(short_of.finish().error().what == "count above what the bytes hold");
}

TEST_CASE("merkle: places outside the tree are the caller's error", "[audit]") {
    const merkle_tree tree = tree_of(random_leaves(3));
    CHECK(test::ends_process([&] { (void)tree.inclusion(3); }));
    CHECK(test::ends_process([&] { (void)tree.inclusion(1, 4); }));
    CHECK(test::ends_process([&] { (void)tree.consistency(4); }));
    CHECK(test::ends_process([&] { (void)tree.root(4); }));
    CHECK(test::ends_process([&] { (void)tree.leaf(3); }));
}
