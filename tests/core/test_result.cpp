#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/core/result.hpp>

#include <memory>
#include <string>
#include <type_traits>

using namespace veilsum;

namespace {

result<std::string> named(bool good) {
    if (!good) return error{errc::missing, "name"};
    return std::string("five");
}
result<void> checked(bool good) {
    if (!good) return error{errc::mismatch, "sum"};
    return {};
}

} // namespace

TEST_CASE("result: holds a value or an error", "[core]") {
    const auto good = named(true);
    REQUIRE(good.has_value());
    CHECK(static_cast<bool>(good));
    CHECK(*good == "five");
    CHECK(good.value() == "five");
    CHECK(good->size() == 4);

    const auto bad = named(false);
    CHECK_FALSE(bad.has_value());
    CHECK_FALSE(static_cast<bool>(bad));
    CHECK(bad.error().code == errc::missing);
    CHECK(bad.error().what == "name");
}

TEST_CASE("result<void>: holds nothing or an error", "[core]") {
    CHECK(checked(true).has_value());
    CHECK_FALSE(checked(false).has_value());
    CHECK(checked(false).error().code == errc::mismatch);
}

TEST_CASE("result: reading what is not there ends the process", "[core]") {
    CHECK(test::ends_process([] { return named(false).value(); }));
    CHECK(test::ends_process([] { return *named(false); }));
    CHECK(test::ends_process([] { return named(false)->size(); }));
    CHECK(test::ends_process([] { return named(true).error().check; }));
    CHECK(test::ends_process([] { checked(false).value(); }));
    CHECK(test::ends_process([] { return checked(true).error().check; }));
    CHECK_FALSE(test::ends_process([] { return named(true).value(); }));
    CHECK_FALSE(test::ends_process([] { return named(false).error().check; }));
}

TEST_CASE("result: reading the value of a failed one describes the error first", "[core]") {
    const std::string read = "veilsum: the value of a failed result was read";
    CHECK(test::last_words([] { return *named(false); }) == read + ": missing: name\n");
    CHECK(test::last_words([] { return named(false)->size(); }) == read + ": missing: name\n");
    // value() says where, too.
    const int line = __LINE__ + 1;
    const auto said = test::last_words([] { return named(false).value(); });
    CHECK(said == read + " at " + __FILE__ + ":" + std::to_string(line) + ": missing: name\n");
    const auto nothing = test::last_words([] { checked(false).value(); });
    REQUIRE(nothing);
    CHECK(nothing->starts_with(read + " at " + __FILE__ + ":"));
    CHECK(nothing->ends_with(": mismatch: sum\n"));
    const auto whole = test::last_words([] {
        const result<int> failed(error{errc::bad_proof, "share", 3, "record 17", "trustee 2"});
        return failed.value();
    });
    REQUIRE(whole);
    CHECK(whole->ends_with(": bad proof: share (check 3) at record 17, culprit trustee 2\n"));
}

TEST_CASE("result: a move-only value is moved out", "[core]") {
    result<std::unique_ptr<int>> held = std::make_unique<int>(41);
    std::unique_ptr<int> taken = std::move(held).value();
    REQUIRE(taken);
    CHECK(*taken == 41);
    *taken += 1;
    result<std::unique_ptr<int>> again = std::move(taken);
    CHECK(**again == 42);
    CHECK(*std::move(*again) == 42);
}

TEST_CASE("result: the value can be changed in place, the error moved on", "[core]") {
    auto held = named(true);
    held->append(" more");
    CHECK(*held == "five more");
    const error passed_on = named(false).error();
    const result<int> next = passed_on;
    CHECK(next.error().code == errc::missing);
}

TEST_CASE("result: is no integer and no bool by itself", "[core]") {
    static_assert(!std::is_convertible_v<result<int>, bool>);
    static_assert(!std::is_convertible_v<result<void>, bool>);
    static_assert(!std::is_convertible_v<result<int>, int>);
    // A result of bool does not say "good" because it holds something: it holds false here.
    const result<bool> holds_false = false;
    CHECK(holds_false.has_value());
    CHECK_FALSE(*holds_false);
}

TEST_CASE("result: is copied, moved and assigned as what it holds", "[core]") {
    using held = result<std::shared_ptr<int>>;
    const auto counted = std::make_shared<int>(7);
    {
        const held first = counted;
        const held copied = first;
        CHECK(counted.use_count() == 3);
        held other = error{errc::missing, "name"};
        held moved = std::move(other);
        CHECK(moved.error().code == errc::missing);
        moved = copied; // an error becomes a value
        CHECK(*moved == counted);
        CHECK(counted.use_count() == 4);
        moved = held(error{errc::mismatch, "sum"}); // and a value an error
        CHECK(moved.error().what == "sum");
        CHECK(counted.use_count() == 3);
        held& itself = moved;
        moved = itself;
        CHECK(moved.error().what == "sum");
        held last = counted;
        last = std::move(last); // the parameter of the assignment was moved from it
        CHECK(*last == counted);
        CHECK(counted.use_count() == 4);
    }
    CHECK(counted.use_count() == 1);
    static_assert(!std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
    static_assert(!std::is_copy_assignable_v<result<std::unique_ptr<int>>>);
    static_assert(std::is_nothrow_move_constructible_v<result<std::unique_ptr<int>>>);
    static_assert(std::is_move_assignable_v<result<std::unique_ptr<int>>>);
}
