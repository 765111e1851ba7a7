// Do row sums, planes, masks, blindings and packing take time that depends on the values?
//
// The values are marked as undefined memory; valgrind's memcheck then reports every branch and address that
// depends on them. Our steps must add no report; a control that looks a table up by a secret index must be
// reported.
//
// Not covered: the check that values are in range, whose verdict is public, and the code for AVX-512, which
// valgrind does not run. Exit status: 0 all as it must be, 1 a leak or a blind checker, 2 not under valgrind.
#include <veilsum/encoding/slots.hpp>
#include <veilsum/pedersen/plane_commitment.hpp>

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

template <class T>
void declare_public(T& value) {
    (void)VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
}

} // namespace

int main() {
    if (RUNNING_ON_VALGRIND == 0) return 2;
    std::vector<group::point> points;
    for (std::uint64_t k = 1; k <= 8; ++k)
        points.push_back(group::point::from_scalar_base(group::scalar::from_u64(k)));
    const group::subset_tables tables(points.size(),
                                      [&](std::size_t c) { return points[c].representative(); });
    std::vector<std::int32_t> values(20, 77);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(values.data(), values.size() * sizeof values[0]);

    expect_reports(false, "scalar of a signed value", [&] {
        auto x =
            group::scalar::from_i64(values[0]) * group::scalar::from_i64(values[1]) + group::scalar::one();
        declare_public(x);
    });
    expect_reports(false, "arithmetic of secret scalars", [&] {
        auto a = group::scalar::from_i64(values[0]), b = a.squared();
        a += b;
        b -= a * a;
        a = select(mask_equal(a, b), -b, b.inverted());
        declare_public(a);
    });
    expect_reports(false, "reduction and encoding of a secret integer", [&] {
        byte_array<64> wide{};
        (void)VALGRIND_MAKE_MEM_UNDEFINED(wide.data(), wide.size());
        auto encoded = (group::scalar::from_uniform(wide) + group::scalar::from_little_endian(wide)).bytes();
        declare_public(encoded);
    });
    expect_reports(false, "multiplication by a value", [&] {
        auto p = group::scalar::from_i64(values[0]) * points[0];
        declare_public(p);
    });
    expect_reports(false, "multiplication of the base by a value", [&] {
        auto p = group::point::from_scalar_base(group::scalar::from_i64(values[0]));
        declare_public(p);
    });
    expect_reports(false, "encoding of a secret point", [&] {
        auto encoded = (group::scalar::from_i64(values[0]) * points[0]).bytes();
        declare_public(encoded);
    });
    expect_reports(false, "digits of a secret scalar", [&] {
        std::vector<std::int32_t> digits(group::digit_count(16));
        group::signed_digits(group::scalar::from_i64(values[0]), 16, digits);
    });
    expect_reports(false, "look-up of a subset sum", [&] {
        auto p = tables[0].look_up(static_cast<std::uint64_t>(values[0] & 31));
        declare_public(p);
    });
    expect_reports(false, "sums of rows by planes", [&] {
        const auto planes = group::bit_planes(tables, std::span(values).first(16), 8, 16);
        (void)group::signed_sums(planes.expose(), 16);
    });
    // What is not a value is a mask or a blinding, of 253 bits.
    secret<std::vector<group::scalar>> scalars{std::vector(8, -group::scalar::one())};
    secret<group::scalar> blinding(-group::scalar::one());
    (void)VALGRIND_MAKE_MEM_UNDEFINED(scalars.expose().data(), 8 * sizeof(group::scalar));
    (void)VALGRIND_MAKE_MEM_UNDEFINED(&blinding.expose(), sizeof(group::scalar));
    expect_reports(false, "sum of products with secret scalars", [&] {
        auto p = group::sum_of_products(tables, scalars.expose());
        declare_public(p);
    });
    const group::base_multiples base(points[0]);
    expect_reports(false, "secret multiples of a base", [&] {
        (void)base.times(scalars.expose());
        (void)base.times(blinding.expose());
    });
    const pedersen::plane_committer committer(8);
    expect_reports(false, "commitment to masks", [&] { (void)committer.commit(scalars, blinding); });
    expect_reports(false, "blindings of rows and planes", [&] {
        const encoding::row_matrix zeros(2, 8); // whose range is checked
        const secret<std::vector<group::scalar>> of_rows{{scalars.expose()[0], scalars.expose()[1]}};
        const secret<std::vector<group::scalar>> of_planes{
            {scalars.expose()[2], scalars.expose()[3], scalars.expose()[4], scalars.expose()[5]}};
        (void)committer.commit_planes(zeros, of_rows, of_planes, 3);
    });
    expect_reports(false, "digits of a packed integer", [&] {
        encoding::detail::digit_writer digits(values.size(), 26);
        for (const std::int32_t value : values) digits.append(static_cast<std::uint64_t>(value + (1 << 15)));
    });
    volatile std::int32_t sink = 0;
    const std::vector<std::int32_t> squares(256, 3);
    expect_reports(true, "control: table indexed by a value",
                   [&] { sink = squares[static_cast<std::size_t>(values[0] & 255)]; });
    expect_reports(true, "control: branch on a value", [&] {
        if (values[1] > 5) sink = 1;
    });
    return failures == 0 ? 0 : 1;
}
