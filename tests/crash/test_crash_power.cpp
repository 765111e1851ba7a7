// Power loss before every call of a session: what was acknowledged is there, whatever the disk kept of the
// rest.
#include "support/catch.hpp"
#include "support/power_loss.hpp"

#include <string>

using namespace veilsum;
using test::call_kind;

TEST_CASE("power loss: nothing acknowledged is lost, at any call, whatever the disk kept", "[crash]") {
    const auto script = test::standard_script();
    const std::size_t wanted = test::wanted_stops(1000);
    test::power_losses losses(script, wanted / 80);
    REQUIRE(losses.run());
    CHECK(losses.complaints() == "");
    CHECK(losses.unlike() == 0); // the model of the disk shows what the kernel shows
    // All kinds of calls were seen: a call that is not intercepted would prove nothing.
    for (const call_kind kind : {call_kind::create, call_kind::write, call_kind::cut, call_kind::sync,
                                 call_kind::rename, call_kind::remove, call_kind::make_folder})
        CHECK(losses.calls().count(kind) == 1);
    CHECK(losses.stops() >= wanted);
    WARN("stops by power loss: " << losses.stops());
}

TEST_CASE("power loss: sessions by chance", "[crash]") {
    std::size_t stops = 0;
    for (std::uint64_t seed = 0; stops < test::wanted_stops(500); ++seed) {
        INFO("seed " << seed);
        const auto script = test::random_script(seed, 30);
        test::power_losses losses(script, 2, seed);
        REQUIRE(losses.run());
        CHECK(losses.complaints() == "");
        CHECK(losses.unlike() == 0);
        stops += losses.stops();
    }
    WARN("stops by power loss: " << stops);
}
