// Eight rows of long multiplication at a time:
//
//     r + 2^(64 n) top  <-  r + a * b      for n limbs of a and r, eight limbs of b and of top
//
// Everything this room computes on x86-64 processors with BMI2 and ADX (Intel since 2014, AMD since 2017)
// ends here; other processors use GMP's mpn functions. GMP as distributions build it targets the oldest
// x86-64 and takes 2.6 cycles for a product of two limbs, where this takes 1.25 (AMD EPYC, family 25 model
// 17).
//
// Method. One limb a_j after the other is multiplied by all of b. The eight columns j, ..., j + 7 that are
// not yet complete stay in registers, so that r is read and written once for eight products:
//
//     column j + i      +=  low(a_j b_i)     one chain of carries, in CF (ADCX)
//     column j + i + 1  +=  high(a_j b_i)    another one, in OF (ADOX); it starts with r_j in column j
//
// MULX touches no flag. Column j is complete then, and its register starts column j + 8. Eight columns, a_j b
// and r_j are at most (2^512 - 1) + (2^64 - 1)(2^512 - 1) + (2^64 - 1) = 2^576 - 1, nine limbs: nothing
// leaves the top, both flags are clear after each limb, and the chains of the next need no start.
//
// Constant time: the time depends on n only; no branch and no address depends on a limb.
#pragma once

#include <veilsum/modular/limb_block.hpp>

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#define VEILSUM_ROW_ADX 1
#include <cpuid.h>
#else
#define VEILSUM_ROW_ADX 0
#endif

namespace veilsum::modular {

// How rows are multiplied: `portable`, by GMP's functions, or `adx`, by MULX, ADCX and ADOX.
enum class row_kernel : std::uint8_t { portable, adx };

// The faster kernel that this processor has. `adx` takes whole steps of eight limbs.
inline row_kernel fastest_row_kernel() {
#if VEILSUM_ROW_ADX
    static const row_kernel answer = [] {
        constexpr unsigned bmi2 = 1u << 8, adx = 1u << 19;
        unsigned a = 0, b = 0, c = 0, d = 0;
        const bool known = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0;
        return known && (b & bmi2) != 0 && (b & adx) != 0 ? row_kernel::adx : row_kernel::portable;
    }();
    return answer;
#else
    return row_kernel::portable;
#endif
}

// Rows at a time; lengths for the kernel `adx` are multiples of it.
inline constexpr std::size_t row_step = 8;

// Whether numbers of L limbs can use the functions of this header.
template <std::size_t L>
inline constexpr bool fits_row_steps = VEILSUM_ROW_ADX != 0 && L % row_step == 0;

#if VEILSUM_ROW_ADX

// The assembly below, in GNU's order (source, ..., target). %[c0] to %[c7]: the open columns, of which
// column k is in register k mod 8; %[lo], %[hi]: halves of a product; rdx: MULX's silent factor.
//
// A function takes 14 registers, all but the stack's two. Therefore it is not inlined and keeps what else it
// needs in memory; and AddressSanitizer, which would reach that memory through a register, leaves it alone.
#define VEILSUM_ROW_FUNCTION [[gnu::noinline, gnu::no_sanitize_address]] inline

// Each limb of a begins a line:
// clang-format off

// VEILSUM_FIRST: the product with b_0; it completes column j, which is written to r_j.
#define VEILSUM_FIRST(j, column)                                                                             \
    "mulxq (%[b]), %[lo], %[hi]\n\t"                                                                         \
    "adcxq %[lo], %[" #column "]\n\t"                                                                        \
    "adoxq 8*" #j "(%[r]), %[" #column "]\n\t"                                                               \
    "movq %[" #column "], 8*" #j "(%[r])\n\t"

// VEILSUM_NEXT: keep:lo <- rdx * b_i; the low half joins its column and with it the high half `wait` of the
// product before. High halves wait in hi and in the completed column's register by turns.
#define VEILSUM_NEXT(i, keep, wait, column)                                                                  \
    "mulxq 8*" #i "(%[b]), %[lo], %[" #keep "]\n\t"                                                          \
    "adcxq %[lo], %[" #column "]\n\t"                                                                        \
    "adoxq %[" #wait "], %[" #column "]\n\t"

// VEILSUM_LAST: both carries join the new column. The two zeros they need come from one more product, by
// zero: with it every third instruction for the integer units is a MULX, and in that rhythm Zen 4 keeps other
// work away from the one unit that multiplies (1.22 cycles a product; 1.40 with zeros from a register).
#define VEILSUM_LAST(column)                                                                                 \
    "movq %[zero], %[hi]\n\t"                                                                                \
    "mulxq %[hi], %[lo], %[hi]\n\t"                                                                          \
    "adcxq %[lo], %[" #column "]\n\t"                                                                        \
    "adoxq %[hi], %[" #column "]\n\t"

// VEILSUM_LOAD: rdx <- a_j.  VEILSUM_ZERO: column <- 0, and XOR clears both flags.
#define VEILSUM_LOAD(j) "movq 8*" #j "(%[a]), %%rdx\n\t"
#define VEILSUM_ZERO(column) "xorl %k[" #column "], %k[" #column "]\n\t"

// VEILSUM_LIMB: all of that for the limb a_j in rdx; `then` loads the one after it, early.
#define VEILSUM_LIMB(j, then, c0, c1, c2, c3, c4, c5, c6, c7)                                                \
    VEILSUM_FIRST(j, c0)                                                                                     \
    VEILSUM_NEXT(1, c0, hi, c1) VEILSUM_NEXT(2, hi, c0, c2) VEILSUM_NEXT(3, c0, hi, c3)                      \
    VEILSUM_NEXT(4, hi, c0, c4) VEILSUM_NEXT(5, c0, hi, c5) VEILSUM_NEXT(6, hi, c0, c6)                      \
    VEILSUM_NEXT(7, c0, hi, c7) then VEILSUM_LAST(c0)

// VEILSUM_LIMBS: the loop over a, from its pointer to `end`, eight limbs at a time.
#define VEILSUM_LIMBS                                                                                        \
    ".p2align 5\n"                                                                                           \
    "1:\n\t"                                                                                                 \
    VEILSUM_LOAD(0) VEILSUM_ZERO(lo)                                                                         \
    VEILSUM_LIMB(0, VEILSUM_LOAD(1), c0, c1, c2, c3, c4, c5, c6, c7)                                         \
    VEILSUM_LIMB(1, VEILSUM_LOAD(2), c1, c2, c3, c4, c5, c6, c7, c0)                                         \
    VEILSUM_LIMB(2, VEILSUM_LOAD(3), c2, c3, c4, c5, c6, c7, c0, c1)                                         \
    VEILSUM_LIMB(3, VEILSUM_LOAD(4), c3, c4, c5, c6, c7, c0, c1, c2)                                         \
    VEILSUM_LIMB(4, VEILSUM_LOAD(5), c4, c5, c6, c7, c0, c1, c2, c3)                                         \
    VEILSUM_LIMB(5, VEILSUM_LOAD(6), c5, c6, c7, c0, c1, c2, c3, c4)                                         \
    VEILSUM_LIMB(6, VEILSUM_LOAD(7), c6, c7, c0, c1, c2, c3, c4, c5)                                         \
    VEILSUM_LIMB(7, "", c7, c0, c1, c2, c3, c4, c5, c6)                                                      \
    "addq $64, %[a]\n\t"                                                                                     \
    "addq $64, %[r]\n\t"                                                                                     \
    "cmpq %[end], %[a]\n\t"                                                                                  \
    "jne 1b\n\t"

// VEILSUM_CLEAR: all columns <- 0.  VEILSUM_STORE: columns 0 to 7, in their order, to a pointer.
#define VEILSUM_CLEAR                                                                                        \
    VEILSUM_ZERO(c0) VEILSUM_ZERO(c1) VEILSUM_ZERO(c2) VEILSUM_ZERO(c3)                                      \
    VEILSUM_ZERO(c4) VEILSUM_ZERO(c5) VEILSUM_ZERO(c6) VEILSUM_ZERO(c7)
#define VEILSUM_STORE(to)                                                                                    \
    "movq %[c0], (%[" #to "])\n\tmovq %[c1], 8(%[" #to "])\n\tmovq %[c2], 16(%[" #to "])\n\t"                \
    "movq %[c3], 24(%[" #to "])\n\tmovq %[c4], 32(%[" #to "])\n\tmovq %[c5], 40(%[" #to "])\n\t"             \
    "movq %[c6], 48(%[" #to "])\n\tmovq %[c7], 56(%[" #to "])\n\t"
#define VEILSUM_COLUMNS                                                                                      \
    [c0] "=&r"(c0), [c1] "=&r"(c1), [c2] "=&r"(c2), [c3] "=&r"(c3), [c4] "=&r"(c4), [c5] "=&r"(c5),          \
    [c6] "=&r"(c6), [c7] "=&r"(c7), [lo] "=&r"(lo), [hi] "=&r"(hi)

// r[0, n), top[0, 8)  <-  r + a b; n >= 8, a multiple of 8. r overlaps neither a nor b; top is written last:
// it may be r's lowest limbs, or lie above r.
VEILSUM_ROW_FUNCTION void add_limb_rows(limb* r, limb* top, const limb* a, std::size_t n, const limb* b) {
    limb c0, c1, c2, c3, c4, c5, c6, c7, lo, hi;
    const limb zero = 0;
    const limb* const end = a + n;
    asm volatile(VEILSUM_CLEAR
                 VEILSUM_LIMBS
                 "movq %[top], %[b]\n\t"
                 VEILSUM_STORE(b)
                 : VEILSUM_COLUMNS, [a] "+r"(a), [r] "+r"(r), [b] "+r"(b)
                 : [end] "m"(end), [zero] "m"(zero), [top] "m"(top)
                 : "rdx", "cc", "memory");
}

// r[0, n), top[0, 8)  <-  r + sum over i < 8, i < j < n of a_i a_j 2^(64 (i + j)): eight rows of a square
// without its diagonal; else as add_limb_rows.
//
// With b = a, limb a_j has j products for j < 8, then eight. It completes column j and opens the columns
// 2 j - 1, which must be zero before, and 2 j.
VEILSUM_ROW_FUNCTION void add_limb_square_rows(limb* r, limb* top, const limb* a, std::size_t n) {
    limb c0, c1, c2, c3, c4, c5, c6, c7, lo, hi;
    const limb zero = 0;
    const limb* const end = a + n;
    const limb* b = a;
    asm volatile(VEILSUM_LOAD(1) VEILSUM_ZERO(c1) VEILSUM_FIRST(1, c1)
                 "movq %[zero], %[c2]\n\t"
                 "adcxq %[c2], %[hi]\n\t"
                 "adoxq %[hi], %[c2]\n\t"

                 VEILSUM_LOAD(2) VEILSUM_ZERO(c3) VEILSUM_FIRST(2, c2)
                 VEILSUM_NEXT(1, c4, hi, c3) VEILSUM_LAST(c4)

                 VEILSUM_LOAD(3) VEILSUM_ZERO(c5) VEILSUM_FIRST(3, c3)
                 VEILSUM_NEXT(1, c3, hi, c4) VEILSUM_NEXT(2, c6, c3, c5) VEILSUM_LAST(c6)

                 VEILSUM_LOAD(4) VEILSUM_ZERO(c7) VEILSUM_FIRST(4, c4)
                 VEILSUM_NEXT(1, c4, hi, c5) VEILSUM_NEXT(2, hi, c4, c6) VEILSUM_NEXT(3, c0, hi, c7)
                 VEILSUM_LAST(c0)

                 VEILSUM_LOAD(5) VEILSUM_ZERO(c1) VEILSUM_FIRST(5, c5)
                 VEILSUM_NEXT(1, c5, hi, c6) VEILSUM_NEXT(2, hi, c5, c7) VEILSUM_NEXT(3, c5, hi, c0)
                 VEILSUM_NEXT(4, c2, c5, c1) VEILSUM_LAST(c2)

                 VEILSUM_LOAD(6) VEILSUM_ZERO(c3) VEILSUM_FIRST(6, c6)
                 VEILSUM_NEXT(1, c6, hi, c7) VEILSUM_NEXT(2, hi, c6, c0) VEILSUM_NEXT(3, c6, hi, c1)
                 VEILSUM_NEXT(4, hi, c6, c2) VEILSUM_NEXT(5, c4, hi, c3) VEILSUM_LAST(c4)

                 VEILSUM_LOAD(7) VEILSUM_ZERO(c5) VEILSUM_FIRST(7, c7)
                 VEILSUM_NEXT(1, c7, hi, c0) VEILSUM_NEXT(2, hi, c7, c1) VEILSUM_NEXT(3, c7, hi, c2)
                 VEILSUM_NEXT(4, hi, c7, c3) VEILSUM_NEXT(5, c7, hi, c4) VEILSUM_NEXT(6, c6, c7, c5)
                 VEILSUM_LAST(c6)

                 VEILSUM_ZERO(c7)
                 "addq $64, %[a]\n\t"
                 "addq $64, %[r]\n\t"
                 "cmpq %[end], %[a]\n\t"
                 "je 2f\n\t"
                 VEILSUM_LIMBS
                 "2:\n\t"
                 "movq %[top], %[b]\n\t"
                 VEILSUM_STORE(b)
                 : VEILSUM_COLUMNS, [a] "+r"(a), [r] "+r"(r), [b] "+r"(b)
                 : [end] "m"(end), [zero] "m"(zero), [top] "m"(top)
                 : "rdx", "cc", "memory");
}

// out[0, 8) <- a b mod 2^512: limb a_j meets b_0 to b_(7-j); only the low half of the last product counts.
#define VEILSUM_LOW(i, column, above)                                                                        \
    "mulxq 8*" #i "(%[b]), %[lo], %[hi]\n\t"                                                                 \
    "adcxq %[lo], %[" #column "]\n\t"                                                                        \
    "adoxq %[hi], %[" #above "]\n\t"
#define VEILSUM_LOW_LAST(i)                                                                                  \
    "mulxq 8*" #i "(%[b]), %[lo], %[hi]\n\t"                                                                 \
    "adcxq %[lo], %[c7]\n\t"
// out[0, 8) <- a b mod 2^512, for eight limbs each.
VEILSUM_ROW_FUNCTION void multiply_low_limbs(limb* out, const limb* a, const limb* b) {
    limb c0, c1, c2, c3, c4, c5, c6, c7, lo, hi;
    asm volatile(VEILSUM_CLEAR
                 VEILSUM_LOAD(0)
                 VEILSUM_LOW(0, c0, c1) VEILSUM_LOW(1, c1, c2) VEILSUM_LOW(2, c2, c3) VEILSUM_LOW(3, c3, c4)
                 VEILSUM_LOW(4, c4, c5) VEILSUM_LOW(5, c5, c6) VEILSUM_LOW(6, c6, c7) VEILSUM_LOW_LAST(7)
                 VEILSUM_LOAD(1) VEILSUM_ZERO(lo)
                 VEILSUM_LOW(0, c1, c2) VEILSUM_LOW(1, c2, c3) VEILSUM_LOW(2, c3, c4) VEILSUM_LOW(3, c4, c5)
                 VEILSUM_LOW(4, c5, c6) VEILSUM_LOW(5, c6, c7) VEILSUM_LOW_LAST(6)
                 VEILSUM_LOAD(2) VEILSUM_ZERO(lo)
                 VEILSUM_LOW(0, c2, c3) VEILSUM_LOW(1, c3, c4) VEILSUM_LOW(2, c4, c5) VEILSUM_LOW(3, c5, c6)
                 VEILSUM_LOW(4, c6, c7) VEILSUM_LOW_LAST(5)
                 VEILSUM_LOAD(3) VEILSUM_ZERO(lo)
                 VEILSUM_LOW(0, c3, c4) VEILSUM_LOW(1, c4, c5) VEILSUM_LOW(2, c5, c6) VEILSUM_LOW(3, c6, c7)
                 VEILSUM_LOW_LAST(4)
                 VEILSUM_LOAD(4) VEILSUM_ZERO(lo)
                 VEILSUM_LOW(0, c4, c5) VEILSUM_LOW(1, c5, c6) VEILSUM_LOW(2, c6, c7) VEILSUM_LOW_LAST(3)
                 VEILSUM_LOAD(5) VEILSUM_ZERO(lo)
                 VEILSUM_LOW(0, c5, c6) VEILSUM_LOW(1, c6, c7) VEILSUM_LOW_LAST(2)
                 VEILSUM_LOAD(6) VEILSUM_ZERO(lo)
                 VEILSUM_LOW(0, c6, c7) VEILSUM_LOW_LAST(1)
                 VEILSUM_LOAD(7) VEILSUM_ZERO(lo)
                 VEILSUM_LOW_LAST(0)
                 VEILSUM_STORE(out)
                 : VEILSUM_COLUMNS
                 : [a] "r"(a), [b] "r"(b), [out] "r"(out)
                 : "rdx", "cc", "memory");
}

#undef VEILSUM_LOW_LAST
#undef VEILSUM_LOW
#undef VEILSUM_COLUMNS
#undef VEILSUM_STORE
#undef VEILSUM_CLEAR
#undef VEILSUM_LIMBS
#undef VEILSUM_LIMB
#undef VEILSUM_ZERO
#undef VEILSUM_LOAD
#undef VEILSUM_LAST
#undef VEILSUM_NEXT
#undef VEILSUM_FIRST
#undef VEILSUM_ROW_FUNCTION
// clang-format on

// out[0, 2 n) <- 2 out + sum over i of a_i^2 2^(128 i), which must fit; n >= 1.
inline void double_and_add_squares(limb* out, const limb* a, std::size_t n) {
    // Two carries again: CF doubles, OF adds; LEA and JRCXZ leave both alone.
    limb lo, hi, value;
    asm volatile(
        "xorl %k[lo], %k[lo]\n"
        "1:\n\t"
        "movq (%[a]), %%rdx\n\t"
        "mulxq %%rdx, %[lo], %[hi]\n\t"
        "movq (%[out]), %[value]\n\t"
        "adcxq %[value], %[value]\n\t"
        "adoxq %[lo], %[value]\n\t"
        "movq %[value], (%[out])\n\t"
        "movq 8(%[out]), %[value]\n\t"
        "adcxq %[value], %[value]\n\t"
        "adoxq %[hi], %[value]\n\t"
        "movq %[value], 8(%[out])\n\t"
        "leaq 8(%[a]), %[a]\n\t"
        "leaq 16(%[out]), %[out]\n\t"
        "leaq -1(%[n]), %[n]\n\t"
        "jrcxz 2f\n\t"
        "jmp 1b\n"
        "2:\n\t"
        : [lo] "=&r"(lo), [hi] "=&r"(hi), [value] "=&r"(value), [a] "+r"(a), [out] "+r"(out), [n] "+c"(n)
        :
        : "rdx", "cc", "memory");
}

#else

// Without a definition, because nothing fits row steps there.
void add_limb_rows(limb* r, limb* top, const limb* a, std::size_t n, const limb* b);
void add_limb_square_rows(limb* r, limb* top, const limb* a, std::size_t n);
void double_and_add_squares(limb* out, const limb* a, std::size_t n);
void multiply_low_limbs(limb* out, const limb* a, const limb* b);

#endif

} // namespace veilsum::modular

#undef VEILSUM_ROW_ADX
