// The submission of a validity proof, at toy size, with each choice of options.
//
//      0  validity_verifier::verify, neither L2 nor AUDIT      3  validity_verifier::verify, L2 and AUDIT
//      1  validity_verifier::verify, L2                        4  validity_verifier::verify_merged
//      2  validity_verifier::verify, AUDIT
#include "support/toy.hpp"

#include "support/session_instances.hpp"

#include "fuzz/decoders.hpp"

#include "zk/validity_world.hpp"

#include <veilsum/zk/validity_verifier.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using world = test::validity_world;

struct proved {
    std::unique_ptr<world> where;
    bytes good;
};
proved make(std::uint32_t flags) {
    test::validity_sizes sizes{.b = 4, .d = 20, .C = 12, .flags = flags};
    sizes.md = 3;
    sizes.room = 100;
    proved out{std::make_unique<world>(sizes), {}};
    out.good = out.where->prove();
    return out;
}
const proved& with_flags(std::uint32_t flags) {
    static const std::array<proved, 4> made{make(0), make(1), make(2), make(3)};
    return made[flags];
}

template <std::uint32_t Flags>
bool verify(byte_view data) {
    const proved& in = with_flags(Flags);
    test::seeded_random rng(1);
    const auto checked = in.where->verifier.verify(in.where->context, data, rng);
    if (!accepted(checked)) {
        require(checked.error().check >= 2 && checked.error().check <= 11,
                "a refusal has its reason's number");
        return false;
    }
    require(equal(data, in.good), "only the submission that was made verifies");
    require((*checked)->rows.size() == in.where->layout.data_rows() &&
                (*checked)->ciphertexts.size() == in.where->layout.ciphertexts(),
            "an accepted submission has its shape");
    return true;
}
template <std::uint32_t Flags>
samples good() {
    return samples{with_flags(Flags).good};
}
// Beside a good one: each gets the verdict that it gets alone.
bool verify_merged(byte_view data) {
    const proved& in = with_flags(3);
    test::seeded_random rng(1), other(2);
    const std::array<world::verifier_type::candidate, 2> sent{
        {{in.where->context, data}, {in.where->context, in.good}}};
    const auto verdicts = in.where->verifier.verify_merged(sent, rng);
    require(verdicts.size() == 2, "each has a verdict");
    require_value(verdicts[1], "a good submission among others");
    const auto alone = in.where->verifier.verify(in.where->context, data, other);
    require(verdicts[0].has_value() == alone.has_value() &&
                (alone || verdicts[0].error().check == alone.error().check),
            "merged and single verdicts agree");
    return alone.has_value();
}

const decoder all[] = {
    {"validity_verifier::verify, no options", verify<0>, good<0>},
    {"validity_verifier::verify, L2", verify<1>, good<1>},
    {"validity_verifier::verify, AUDIT", verify<2>, good<2>},
    {"validity_verifier::verify, L2 and AUDIT", verify<3>, good<3>},
    {"validity_verifier::verify_merged", verify_merged, good<3>},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
