// A checked value can be made by its verifier only.
#include "support/catch.hpp"

#include <veilsum/zk/verified.hpp>

#include <type_traits>

namespace {

struct even_verifier {
    using type = veilsum::zk::verified<int, even_verifier>;
    static type confirm(int value) { return type(value); }
};
using even = even_verifier::type;

static_assert(!std::is_default_constructible_v<even>);
static_assert(!std::is_constructible_v<even, int> && !std::is_convertible_v<int, even>);
static_assert(!std::is_assignable_v<even&, int>);
static_assert(!std::is_aggregate_v<even>);
static_assert(std::is_same_v<decltype(*std::declval<even&>()), const int&>);
static_assert(std::is_same_v<decltype(std::declval<even&>().operator->()), const int*>);
struct other_verifier {};
static_assert(!std::is_constructible_v<even, veilsum::zk::verified<int, other_verifier>>);

} // namespace

TEST_CASE("verified: holds what its verifier confirmed, and copies say the same", "[zk]") {
    const even first = even_verifier::confirm(4);
    const even copy = first;
    CHECK(*first == 4);
    CHECK(*copy == 4);
    CHECK(first.operator->() == &*first);
}
