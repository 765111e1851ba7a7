// Does a validity prover's work on its values and masks take time that depends on them?
//
// Values, exponents' masks and the packed masks of the link, and the slack of the norm. Marked as undefined
// memory, as in poison_pedersen.cpp, which also says what is not covered. Responses that leave their window
// make the prover start afresh: that verdict is public, and is declared so. Exit status: 0 all as it must be,
// 1 a leak or a blind checker, 2 not under valgrind.
#include <veilsum/zk/ciphertext_link.hpp>
#include <veilsum/zk/norm_slack.hpp>

#include <valgrind/memcheck.h>

#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

using namespace veilsum;

namespace {

int failures = 0;

template <class Operation>
void expect_reports(bool leaks, std::string_view what, const Operation& operation) {
    const unsigned before = VALGRIND_COUNT_ERRORS;
    operation();
    const unsigned reports = VALGRIND_COUNT_ERRORS - before;
    if ((reports != 0) != leaks) ++failures;
    std::printf("%s %.*s: %u reports\n", (reports != 0) == leaks ? "ok  " : "FAIL",
                static_cast<int>(what.size()), what.data(), reports);
}

struct counting_source {
    std::uint8_t next = 1;
    void fill(std::span<std::uint8_t> out) {
        for (std::uint8_t& each : out) each = next++;
    }
};

encoding::matrix_layout layout() {
    encoding::layout_parameters p;
    p.nbits = 2048;
    p.b = 16;
    p.m = 4;
    p.d = 300;
    p.C = 113;
    p.flags = encoding::flag_l2;
    p.a = 448;
    p.B2 = encoding::norm_bound_bytes(std::uint64_t{1} << 40);
    return *encoding::matrix_layout::create(p);
}

} // namespace

int main() {
    if (RUNNING_ON_VALGRIND == 0) return 2;
    const auto shape = layout();
    const zk::link_windows windows(shape);
    std::vector<std::int32_t> values(shape.rows() * shape.columns(), 77);
    counting_source rng;
    zk::link_masks masks = zk::link_masks::draw(shape, windows, rng);
    auto& lifted = const_cast<std::vector<std::uint64_t>&>(masks.lifted().expose());
    (void)VALGRIND_MAKE_MEM_UNDEFINED(values.data(), values.size() * sizeof values[0]);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(lifted.data(), lifted.size() * sizeof lifted[0]);

    expect_reports(false, "slack of the norm", [&] { (void)zk::norm_slack(shape, values); });
    expect_reports(false, "masks as scalars", [&] { (void)masks.scalars(); });
    expect_reports(false, "packed masks", [&] {
        paillier::padded_integer sum(60);
        zk::link_masks::add_packed(sum, lifted, shape.slot_width(), shape.block_length(0));
    });
    expect_reports(false, "responses of the link", [&] {
        const std::vector<group::scalar> blindings(shape.rows());
        const secret<std::vector<integer::bigint>> exponents{
            std::vector<integer::bigint>(shape.ciphertexts())};
        const zk::link_witness known{values, blindings, exponents};
        const std::vector<std::array<std::uint64_t, 2>> e(shape.rows(), {3, 5});
        bytes z(32 * shape.columns());
        auto outside = zk::detail::answer_columns(shape, windows, known, e, masks, 0, shape.columns(), z);
        (void)VALGRIND_MAKE_MEM_DEFINED(&outside, sizeof outside);
    });
    volatile std::uint64_t sink = 0;
    expect_reports(true, "control: branch on a mask", [&] {
        if (lifted[0] > 5) sink = 1;
    });
    return failures == 0 ? 0 : 1;
}
