#include "support/catch.hpp"

#include <veilsum/core/secret.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <type_traits>

using namespace veilsum;

namespace {

// Records where its number was overwritten. A moved-from one keeps its number, as a built-in type does: it is
// the secret's task to wipe it.
struct recorded {
    int value = 0;
    int* wipes = nullptr;
    void wipe() {
        value = 0;
        if (wipes != nullptr) ++*wipes;
    }
};

} // namespace

TEST_CASE("secret: wipes the value that it was made from", "[core]") {
    int wipes = 0;
    recorded origin{7, &wipes};
    const secret<recorded> hidden(std::move(origin));
    CHECK(hidden.expose().value == 7);
    CHECK(origin.value == 0);
    CHECK(wipes == 1);
}

TEST_CASE("secret: wipes its value when it dies", "[core]") {
    int wipes = 0;
    alignas(secret<recorded>) std::array<unsigned char, sizeof(secret<recorded>)> memory{};
    auto* hidden = new (memory.data()) secret<recorded>(recorded{7, &wipes});
    wipes = 0;
    std::destroy_at(hidden);
    CHECK(wipes == 1);
}

TEST_CASE("secret: a move wipes what it leaves behind", "[core]") {
    int wipes = 0;
    secret<recorded> one(recorded{7, &wipes});
    wipes = 0;
    secret<recorded> two = std::move(one);
    CHECK(wipes == 1);
    CHECK(two.expose().value == 7);
    CHECK(one.expose().value == 0);
}

TEST_CASE("secret: assignment wipes the old value and the moved one", "[core]") {
    int old_wipes = 0, new_wipes = 0;
    secret<recorded> target(recorded{7, &old_wipes});
    secret<recorded> source(recorded{8, &new_wipes});
    old_wipes = new_wipes = 0;
    target = std::move(source);
    CHECK(old_wipes == 1);
    CHECK(new_wipes == 1);
    CHECK(target.expose().value == 8);
    CHECK(source.expose().value == 0);
}

TEST_CASE("secret: assignment to itself keeps the value", "[core]") {
    secret<recorded> one(recorded{7, nullptr});
    secret<recorded>& same = one;
    one = std::move(same);
    CHECK(one.expose().value == 7);
}

TEST_CASE("secret: wipes byte arrays, byte vectors and vectors of wipeable things", "[core]") {
    byte_array<16> fixed;
    fixed.fill(0xaa);
    wipe(fixed);
    CHECK(fixed == byte_array<16>{});

    bytes owned(100, 0xaa);
    wipe(owned);
    CHECK(owned == bytes(100, 0));
    bytes empty;
    wipe(empty);
    CHECK(empty.empty());

    int wipes = 0;
    std::vector<recorded> several(5, recorded{3, &wipes});
    wipe(several);
    CHECK(wipes == 5);
    CHECK(std::all_of(several.begin(), several.end(), [](const recorded& r) { return r.value == 0; }));
}

TEST_CASE("secret: a byte array in dead memory is zero", "[core]") {
    using key = secret<byte_array<32>>;
    alignas(key) std::array<unsigned char, sizeof(key)> memory;
    memory.fill(0x11);
    byte_array<32> value;
    value.fill(0xaa);
    auto* hidden = new (memory.data()) key(std::move(value));
    REQUIRE(std::count(memory.begin(), memory.end(), 0xaa) == 32);
    std::destroy_at(hidden);
    CHECK(std::count(memory.begin(), memory.end(), 0xaa) == 0);
    CHECK(std::count(value.begin(), value.end(), 0xaa) == 0);
}

TEST_CASE("secret: can be changed in place", "[core]") {
    secret<bytes> hidden(bytes{1, 2});
    hidden.expose().push_back(3);
    CHECK(hidden.expose() == bytes{1, 2, 3});
}

TEST_CASE("secret: is neither copied nor compared nor made by accident", "[core]") {
    using key = secret<byte_array<32>>;
    static_assert(!std::is_copy_constructible_v<key>);
    static_assert(!std::is_copy_assignable_v<key>);
    static_assert(std::is_nothrow_move_constructible_v<key>);
    static_assert(std::is_nothrow_move_assignable_v<key>);
    static_assert(!std::is_convertible_v<byte_array<32>, key>);
    static_assert(!std::is_convertible_v<key, byte_array<32>>);
    static_assert(!std::is_default_constructible_v<key>);
    static_assert(!std::equality_comparable<key>);
    static_assert(!wipeable<int>);
    static_assert(!wipeable<std::string>);
    static_assert(wipeable<key::value_type>);
    SUCCEED("checked when this was compiled");
}
