// The context: published states, and a challenge that no longer fits when any one item is changed or left
// out.
#include "support/catch.hpp"
#include "transcript/validity_vector.hpp"

#include <veilsum/transcript/context.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

using namespace veilsum;
using veilsum::transcript::context;
using tr_type = veilsum::transcript::transcript;

namespace {

template <std::size_t N>
byte_array<N> array_from(std::string_view text) {
    byte_array<N> out{};
    const bytes raw = *from_hex(text);
    REQUIRE(raw.size() == N);
    std::copy(raw.begin(), raw.end(), out.begin());
    return out;
}

context published() {
    namespace vector = test::validity_vector;
    return {array_from<32>(vector::session),    vector::round,
            array_from<32>(vector::client),     array_from<32>(vector::key),
            array_from<64>(vector::parameters), array_from<32>(vector::binding)};
}

byte_array<64> challenge_under(const context& here) {
    tr_type tr("veilsum.validity/1");
    here.absorb_into(tr);
    return tr.challenge("e");
}

} // namespace

TEST_CASE("context: absorbs the six items of the published submission in order", "[transcript]") {
    tr_type tr("veilsum.validity/1");
    published().absorb_into(tr);
    REQUIRE(test::validity_vector::steps[5].label == "binding");
    CHECK(to_hex(tr.state()) == test::validity_vector::steps[5].expected);
}

TEST_CASE("context: changing any one item changes the challenge", "[transcript]") {
    const std::vector<std::function<void(context&)>> changes = {
        [](context&) {},
        [](context& c) { c.session[31] ^= 1; },
        [](context& c) { c.round += 1; },
        [](context& c) { c.round |= std::uint64_t{1} << 63; },
        [](context& c) { c.party[0] ^= 1; },
        [](context& c) { c.key[0] ^= 1; },
        [](context& c) { c.parameters[63] ^= 1; },
        [](context& c) { c.binding[0] ^= 1; },
        [](context& c) { std::swap(c.session, c.party); },
        [](context& c) { std::swap(c.key, c.binding); },
        [](context& c) { c = context{}; },
    };
    std::set<byte_array<64>> seen;
    for (const auto& change : changes) {
        context here = published();
        change(here);
        seen.insert(challenge_under(here));
    }
    CHECK(seen.size() == changes.size());
    CHECK(challenge_under(published()) == challenge_under(published()));
}

TEST_CASE("context: leaving out or exchanging any one item changes the challenge", "[transcript]") {
    const context here = published();
    const std::vector<std::function<void(tr_type&)>> items = {
        [&](tr_type& tr) { tr.absorb("session", here.session); },
        [&](tr_type& tr) { tr.absorb_u64("round", here.round); },
        [&](tr_type& tr) { tr.absorb("client", here.party); },
        [&](tr_type& tr) { tr.absorb("key", here.key); },
        [&](tr_type& tr) { tr.absorb("params", here.parameters); },
        [&](tr_type& tr) { tr.absorb("binding", here.binding); },
    };
    const auto challenge_of = [&](const std::vector<std::size_t>& order) {
        tr_type tr("veilsum.validity/1");
        for (const std::size_t i : order) items[i](tr);
        return tr.challenge("e");
    };
    const std::vector<std::size_t> all = {0, 1, 2, 3, 4, 5};
    REQUIRE(challenge_of(all) == challenge_under(here)); // the list above is what absorb_into does
    for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
        INFO("item " << left_out);
        std::vector<std::size_t> fewer = all;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left_out));
        CHECK(challenge_of(fewer) != challenge_under(here));
        std::vector<std::size_t> twice = all;
        twice.push_back(left_out);
        CHECK(challenge_of(twice) != challenge_under(here));
    }
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        std::vector<std::size_t> exchanged = all;
        std::swap(exchanged[i], exchanged[i + 1]);
        CHECK(challenge_of(exchanged) != challenge_under(here));
    }
}
