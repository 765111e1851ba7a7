// All engines on inputs that a fuzzer chooses: equal integers, and those of plain long division.
//
// An input is: size, length of the modulus, modulus, count of numbers; then operations, each an octet and
// what it takes. Numbers come as octets, or as a code for an edge (0, n - 1, runs of ones). Where input ends,
// it reads as zeros. A difference aborts, after a line that says where.
#include "fuzz/replay.hpp"

#include <veilsum/modular/default_engine.hpp>
#include <veilsum/modular/inversion.hpp>
#ifdef VEILSUM_TEST_NTL
#include <veilsum/modular/ntl_engine.hpp>
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::modular;
using numbers = std::vector<bigint>;

class reader {
  public:
    explicit reader(std::span<const std::uint8_t> in) : in_(in) {}
    bool empty() const { return in_.empty(); }
    std::uint8_t octet() {
        if (in_.empty()) return 0;
        const std::uint8_t first = in_[0];
        in_ = in_.subspan(1);
        return first;
    }
    bigint integer(std::size_t octets) {
        const std::size_t there = octets < in_.size() ? octets : in_.size();
        bigint out = bigint::from_bytes(in_.first(there));
        in_ = in_.subspan(there);
        return out;
    }
    // In [0, n).
    bigint residue(const bigint& n) {
        const std::uint8_t code = octet();
        const std::size_t bits = n.bit_length();
        switch (code) {
        case 0:
            return bigint(0);
        case 1:
            return bigint(1);
        case 2:
            return n - bigint(1);
        case 3:
            return n >> 1;
        case 4:
            return ((bigint(1) << (bits - 1)) - bigint(1)) % n;
        case 5:
            return (bigint(1) << (octet() * bits / 256)) % n;
        case 6:
            return ((bigint(1) << (octet() * bits / 256)) - bigint(1)) % n;
        case 7:
            return (n - (bigint(1) << (octet() * (bits - 1) / 256))) % n;
        default:
            return integer(code % 2 == 0 ? (bits + 7) / 8 : code % (bits / 8 + 1)) % n;
        }
    }
    bigint exponent(std::size_t bits) {
        const std::uint8_t code = octet();
        const bigint top = bigint(1) << bits;
        return code == 0 ? top - bigint(1) : code == 1 ? top >> 1 : integer((bits + 7) / 8) % top;
    }

  private:
    std::span<const std::uint8_t> in_;
};

// What an operation of the input is to compute, and what all engines must answer.
struct task {
    std::uint8_t operation;
    std::size_t bits;
    bigint base;
    numbers a, b, exponents;
};
constexpr std::size_t operations = 8;
constexpr std::array<std::string_view, operations> names{
    "multiply", "square", "power_secret", "power_public", "power_fixed", "multi_power", "product", "invert"};

numbers reference(const task& of, const bigint& n) {
    numbers out;
    bigint all(1);
    for (std::size_t i = 0; i < of.a.size(); ++i) {
        switch (of.operation) {
        case 0:
            out.push_back(of.a[i] * of.b[i] % n);
            break;
        case 1:
            out.push_back(of.a[i] * of.a[i] % n);
            break;
        case 2:
        case 3:
            out.push_back(power_vartime(of.a[i], of.base, n));
            break;
        case 4:
            out.push_back(power_vartime(of.a[0], of.exponents[i], n));
            break;
        case 5:
            all = all * power_vartime(of.a[i], of.exponents[i], n) % n;
            break;
        case 6:
            all = all * of.a[i] % n;
            break;
        default:
            const std::optional<bigint> inverse = invert(of.a[i], n);
            if (!inverse) return {};
            out.push_back(*inverse);
        }
    }
    if (of.operation == 5 || of.operation == 6) out.push_back(all);
    return out;
}

template <class Engine>
numbers answer(const task& of, const Engine& engine) {
    const auto a = engine.enter(of.a);
    auto out = engine.make(of.a.size());
    switch (of.operation) {
    case 0:
        engine.multiply(out, a, engine.enter(of.b));
        break;
    case 1:
        engine.square(out, a);
        break;
    case 2:
        engine.power_secret(out, a, secret<bigint>(bigint(of.base)), of.bits);
        break;
    case 3:
        engine.power_public_vartime(out, a, of.base);
        break;
    case 4:
        engine.power_fixed(out, engine.make_table(of.a[0], of.bits), secret<numbers>(numbers(of.exponents)),
                           of.bits);
        break;
    case 5:
        return {engine.multi_power_vartime(a, of.exponents)};
    case 6:
        return {engine.product(a)};
    default:
        const auto inverses = invert_vartime(engine, a);
        return inverses ? engine.leave(*inverses) : numbers{};
    }
    return engine.leave(out);
}

template <class Engine>
void compare(const task& of, const Engine& engine, const numbers& expected, std::string_view name) {
    if (answer(of, engine) == expected) return;
    const std::string_view operation = names[of.operation];
    std::fprintf(stderr, "%s: %.*s is wrong: %.*s of %zu numbers, %zu bits of exponent, modulo %s\n",
                 fuzz::current.c_str(), static_cast<int>(name.size()), name.data(),
                 static_cast<int>(operation.size()), operation.data(), of.a.size(), of.bits,
                 engine.modulus().to_hex().c_str());
    std::abort();
}

template <std::size_t Bits>
void run(reader& in) {
    const std::size_t length = 2 + (in.octet() * std::size_t{256} + in.octet()) % (Bits - 1);
    bigint n = in.integer((length + 7) / 8) % (bigint(1) << (length - 1)) + (bigint(1) << (length - 1));
    if (in.octet() == 0) n = (bigint(1) << length) - bigint(1);
    if (!n.is_odd()) n = n + bigint(1);
    const gmp_engine<Bits> portable(n, row_kernel::portable), rows(n);
    std::optional<default_engine<Bits>> vectorised;
    if (has_ifma()) vectorised.emplace(n, engine_kind::ifma);
#ifdef VEILSUM_TEST_NTL
    const ntl_engine<Bits> ntl(n);
#endif
    const std::size_t count = 1 + in.octet() % 20;
    for (int step = 0; step < 6 && !in.empty(); ++step) {
        task of{static_cast<std::uint8_t>(in.octet() % operations),
                in.octet() % std::size_t{140},
                bigint(0),
                {},
                {},
                {}};
        of.base = in.exponent(of.bits);
        for (std::size_t i = 0; i < count; ++i) {
            of.a.push_back(in.residue(n));
            if (of.operation == 0) of.b.push_back(in.residue(n));
            if (of.operation == 4 || of.operation == 5) of.exponents.push_back(in.exponent(of.bits));
        }
        const numbers expected = reference(of, n);
        compare(of, portable, expected, "gmp (portable rows)");
        compare(of, rows, expected, "gmp (fastest rows)");
        if (vectorised) compare(of, *vectorised, expected, "ifma");
#ifdef VEILSUM_TEST_NTL
        compare(of, ntl, expected, "ntl");
#endif
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    reader in(std::span<const std::uint8_t>(data, size));
    switch (in.octet() % 4) {
    case 0:
        run<256>(in);
        break;
    case 1:
        run<512>(in);
        break;
    case 2:
        run<3072>(in);
        break; // products split
    default:
        run<6144>(in); // reduction in halves
    }
    return 0;
}

#ifdef VEILSUM_FUZZ_REPLAY

int main(int argc, char** argv) {
    const auto run_input = [](byte_view input) {
        return LLVMFuzzerTestOneInput(input.data(), input.size()) == 0;
    };
    const auto make = [](std::uint64_t seed) {
        test::seeded_random rng(seed);
        bytes input = rng.draw(16 + rng.below(4000));
        // Small octets are the codes of edges: half of the inputs have many of them.
        if (seed % 2 == 0)
            for (std::uint8_t& octet : input)
                if (octet < 128) octet = static_cast<std::uint8_t>(octet % 8);
        return input;
    };
    std::printf("%s\n", has_ifma() ? "gmp and ifma" : "gmp alone, this processor has no AVX-512 IFMA");
    return fuzz::replay(argc, argv, {{}, run_input, make});
}

#endif
