// The context in which tests prove things about keys: protocol, session, owner and key id.
#pragma once

#include "support/catch.hpp"

#include <veilsum/core/result.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace veilsum::test {

inline transcript::context key_context() {
    transcript::context made;
    made.session.fill(1);
    made.party.fill(2);
    made.key.fill(3);
    return made;
}
inline transcript::transcript script_of(const transcript::context& context,
                                        std::string_view protocol = "veilsum.test/1") {
    transcript::transcript made(protocol);
    context.absorb_into(made);
    return made;
}
inline transcript::transcript key_script() {
    return script_of(key_context());
}

// Scripts that differ from key_script() in one item each: the six of the context, the protocol, one item
// more.
inline std::vector<transcript::transcript> other_scripts() {
    std::vector<transcript::context> others(6, key_context());
    others[0].session[31] ^= 1;
    others[1].round += 1;
    others[2].party[0] ^= 1;
    others[3].key[7] ^= 1;
    others[4].parameters[63] ^= 1;
    others[5].binding[15] ^= 1;
    std::vector<transcript::transcript> made;
    for (const auto& other : others) made.push_back(script_of(other));
    made.push_back(script_of(key_context(), "veilsum.test/2"));
    made.push_back(key_script());
    made.back().absorb("more", {});
    return made;
}

template <class T>
void check_refused(const result<T>& outcome, errc code, std::string_view what, std::uint32_t check) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
}
template <class T>
void check_refused(const result<T>& outcome, errc code, std::string_view what, std::uint32_t check,
                   std::string_view place) {
    check_refused(outcome, code, what, check);
    CHECK(outcome.error().place == place);
}

} // namespace veilsum::test
