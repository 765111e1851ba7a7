// A validity prover and its verifier at toy size, and everything that goes with them.
//
//     validity_world world({.b = 6, .d = 50, .C = 20, .flags = 3});
//     bytes sent = world.prove();
//     world.verdict(sent)                          0: accepted; else the reason, 2 .. 11
#pragma once

#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/zk/validity_prover.hpp>
#include <veilsum/zk/validity_verifier.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace veilsum::test {

struct validity_sizes {
    std::uint32_t b = 6, d = 50, C = 20, flags = 3;
    std::uint32_t m = 6, wmax = 1, md = 5;
    std::uint64_t room = 1000; // B2 - sum of squares, with L2
};

class validity_world {
  public:
    using scheme = toy_scheme<1>;
    using encryptor = paillier::encryptor<scheme>;
    using prover_type = zk::validity_prover<scheme>;
    using verifier_type = zk::validity_verifier<scheme>;

    // Random values.
    explicit validity_world(validity_sizes sizes, std::uint64_t seed = 1)
        : validity_world(sizes, drawn_values(sizes, seed), seed) {}
    validity_world(validity_sizes sizes, std::vector<std::int32_t> x, std::uint64_t seed = 1)
        : rng(seed), values(std::move(x)), layout(layout_for(sizes, values)),
          prover(shared_encryptor(), layout), verifier(fixed_public_key<scheme>(), layout) {
        context.session.fill(1);
        context.round = 42;
        context.party.fill(2);
        context.key = fixed_public_key<scheme>().id();
        context.parameters = layout.digest();
        context.binding.fill(3);
    }

    static const std::shared_ptr<const encryptor>& shared_encryptor() {
        static const auto made = std::make_shared<const encryptor>(fixed_public_key<scheme>());
        return made;
    }
    static encoding::layout_floors toy_floors() { return {512, 256, 1}; }
    static encoding::matrix_layout layout_for(const validity_sizes& sizes,
                                              const std::vector<std::int32_t>& x) {
        encoding::layout_parameters p;
        p.nbits = 512;
        p.b = sizes.b;
        p.m = sizes.m;
        p.wmax = sizes.wmax;
        p.d = sizes.d;
        p.C = sizes.C;
        p.flags = sizes.flags;
        p.a = 256;
        p.md = (sizes.flags & encoding::flag_audit) != 0 ? sizes.md : 0;
        if ((sizes.flags & encoding::flag_l2) != 0)
            p.B2 = encoding::norm_bound_bytes(squares(x) + sizes.room);
        auto made = encoding::matrix_layout::create(p, toy_floors());
        if (!made) FAIL(made.error().describe());
        return *std::move(made);
    }
    static std::uint64_t squares(const std::vector<std::int32_t>& x) {
        std::uint64_t sum = 0;
        for (const std::int64_t value : x) sum += static_cast<std::uint64_t>(value * value);
        return sum;
    }
    static std::vector<std::int32_t> drawn_values(const validity_sizes& sizes, std::uint64_t seed) {
        seeded_random source(seed);
        std::vector<std::int32_t> x(sizes.d);
        for (std::int32_t& value : x)
            value = static_cast<std::int32_t>(source.below(std::uint64_t{1} << sizes.b)) -
                    (std::int32_t{1} << (sizes.b - 1));
        return x;
    }

    bytes prove() { return prove(context); }
    bytes prove(const transcript::context& where) {
        auto made = prover.prove(where, values, rng);
        if (!made) FAIL(made.error().describe());
        return *std::move(made);
    }
    std::uint32_t verdict(byte_view sent) { return verdict(sent, context); }
    std::uint32_t verdict(byte_view sent, const transcript::context& where) {
        auto checked = verifier.verify(where, sent, rng);
        last = checked ? std::string() : checked.error().describe();
        return checked ? 0 : checked.error().check;
    }

    seeded_random rng;
    std::vector<std::int32_t> values;
    encoding::matrix_layout layout;
    prover_type prover;
    verifier_type verifier;
    transcript::context context;
    std::string last; // what the verifier said
};

} // namespace veilsum::test
