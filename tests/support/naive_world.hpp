// One small round with one client, for tests of validity proofs: layout, key with its factors, context and
// values.
//
//     const naive_world world = make_naive_world(encoding::flag_l2 | encoding::flag_audit);
//     world.prove(world.witness(rng), rng)      honest; naive_verify(world..., it).accepted()
//
// Kt = 3 or 2 rows of C = 16 columns and J = 2 ciphertexts, b = 8 bits, 9 variables or 8: the full-size
// mechanism in the smallest cube that has all of it. The key is fixed_public_key<toy_scheme<1>>, so that the
// library's own verifier can be asked about the same bytes.
#pragma once

#include "support/toy.hpp"

#include "support/naive_validity.hpp"

#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace veilsum::test {

inline constexpr encoding::layout_floors toy_floors{
    .modulus_bits = 512, .exponent_bits = 64, .digit_bits = 25};

inline transcript::transcript after_context(const transcript::context& context) {
    transcript::transcript tr("veilsum.validity/1");
    context.absorb_into(tr);
    return tr;
}

struct naive_world {
    encoding::matrix_layout layout;
    naive_key key;
    bigint p, q; // n = p q
    transcript::context context;
    std::vector<bigint> values;
    bytes honest; // a submission of these values

    naive_witness witness(seeded_random& rng) const { return make_witness(layout, values, rng); }
    bytes prove(const naive_witness& w, seeded_random& rng, const naive_hooks& cheat = {}) const {
        return test::prove(layout, key, after_context(context), w, rng, cheat);
    }
    naive_verdict verify(byte_view submission, std::string_view omitted = {}) const {
        return naive_verify(layout, key, after_context(context), submission, omitted);
    }
};

// Any layout for 512-bit keys. The values must be within its bounds.
inline naive_world make_naive_world(const encoding::matrix_layout& layout, std::vector<bigint> values,
                                    std::uint64_t seed = 1) {
    const auto& key = fixed_public_key<toy_scheme<1>>();
    const integer::prime_pair primes = fixed_prime_pair<512>();
    transcript::context context;
    context.session.fill(0x51);
    context.round = 7;
    context.party.fill(0xc1);
    context.key = key.id();
    context.parameters = layout.digest();
    context.binding.fill(0xb1);
    naive_world world{layout,
                      {key.n(), key.residue_base()},
                      primes.p.expose(),
                      primes.q.expose(),
                      context,
                      std::move(values),
                      {}};
    seeded_random rng(seed);
    world.honest = world.prove(world.witness(rng), rng);
    return world;
}

inline encoding::layout_parameters small_parameters(std::uint32_t flags) {
    encoding::layout_parameters p;
    p.nbits = 512;
    p.b = 8;
    p.m = 1u << 24; // slots of 32 bits, 15 of them: the second block is one column
    p.d = 29;
    p.C = 16;
    p.flags = flags;
    p.a = 64;
    if ((flags & encoding::flag_l2) != 0) p.B2 = encoding::norm_bound_bytes(60000);
    if ((flags & encoding::flag_audit) != 0) p.md = 5; // groups of 15 columns; the last one stays empty
    return p;
}
inline naive_world make_naive_world(std::uint32_t flags) {
    const auto layout = encoding::matrix_layout::create(small_parameters(flags), toy_floors).value();
    std::vector<bigint> values;
    for (int at = 0; at < 29; ++at) values.emplace_back(at * 7 % 41 - 20);
    return make_naive_world(layout, std::move(values));
}

} // namespace veilsum::test
