// Cheating provers of validity proofs: each makes a submission as well as it can, and names the check that
// must refuse it, or 0 where it must be accepted.
//
//     for (const validity_cheat& cheat : validity_cheats(world)) {
//         INFO(cheat.name);
//         CHECK(world.verify(cheat.make(world)).reason == cheat.reason);
//     }
//
// Cheats that need L2 or AUDIT appear only if the world has it. Bytes that are merely altered:
// validity_tampering.hpp. The world needs b >= 3, two data rows, and two columns in block 0.
// spec: validity proofs, section 14.3
#pragma once

#include "support/naive_world.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::test {

struct validity_cheat {
    std::string name;
    unsigned reason;
    std::string where; // as naive_verdict has it; empty: anywhere in that check
    std::function<bytes(const naive_world&)> make;
};

class cheat_table {
  public:
    using bend = std::function<void(const naive_world&, naive_witness&, naive_hooks&)>;

    void add(std::string name, unsigned reason, std::string where,
             std::function<bytes(const naive_world&)> make) {
        cheats_.push_back({std::move(name), reason, std::move(where), std::move(make)});
    }
    // An honest client up to what `change` does.
    void add_bent(std::string name, unsigned reason, std::string where, const bend& change) {
        const std::uint64_t seed = 1000 + cheats_.size();
        add(std::move(name), reason, std::move(where), [seed, change](const naive_world& world) {
            seeded_random rng(seed);
            naive_witness witness = world.witness(rng);
            naive_hooks hooks;
            change(world, witness, hooks);
            return world.prove(witness, rng, hooks);
        });
    }
    // Only one hook.
    void add_hook(std::string name, unsigned reason, std::string where,
                  naive_hooks::hook naive_hooks::*moment, const naive_hooks::hook& step) {
        add_bent(
            std::move(name), reason, std::move(where),
            [moment, step](const naive_world&, naive_witness&, naive_hooks& hooks) { hooks.*moment = step; });
    }
    std::vector<validity_cheat> take() { return std::move(cheats_); }

  private:
    std::vector<validity_cheat> cheats_;
};

// --- Ways to go on after a false statement ---

// Chooses one unknown so that the equation holds.
inline void satisfy(const scalar_equation& equation, scalars& unknowns, std::size_t unknown) {
    unknowns[unknown] += quotient(equation.gap(unknowns), equation.k[unknown]);
}
// v_b with v_b2 = v_b^2 so that E2 holds: a root of v^2 - v = -gap / E, which exists for half of all gaps.
inline void satisfy_e2_with_product(naive_prover& p) {
    scalar &v = p.unknowns[p.at.v_b], &v2 = p.unknowns[p.at.v_b2];
    v = v2 = scalar::zero();
    const scalar_equation E2 = p.E2();
    const scalar four = scalar::from_u64(4);
    const auto root = square_root(scalar::one() - four * quotient(E2.gap(p.unknowns), E2.k[p.at.v_b]));
    if (!root) {
        p.hopeless = true;
        return;
    }
    v = (scalar::one() + *root) * half();
    v2 = v * v;
}
inline void satisfy_e1_with_opening(naive_prover& p) {
    satisfy(p.E1(), p.unknowns, p.at.u);
}

// --- Bits and range ---

// The false statement `change` is about bits; the four ways to hide that.
inline void add_bit_cheats(cheat_table& table, const std::string& name, const cheat_table::bend& change) {
    table.add_bent(name, 8, "E2", change);
    const auto with = [&](const std::string& more, unsigned reason, const std::string& where,
                          const naive_hooks::hook& evaluated, const naive_hooks::hook& opened) {
        table.add_bent(name + more, reason, where,
                       [=](const naive_world& world, naive_witness& w, naive_hooks& hooks) {
                           change(world, w, hooks);
                           hooks.evaluated = evaluated;
                           hooks.opened = opened;
                       });
    };
    with(
        ", v_b2 chosen for E2", 10, "V_b2 = v_b V_b",
        [](naive_prover& p) { satisfy(p.E2(), p.unknowns, p.at.v_b2); }, nullptr);
    with(", v_b chosen for E2 and the product", 8, "E1", satisfy_e2_with_product, nullptr);
    with(", and one u_c chosen for E1", 10, "U", satisfy_e2_with_product, satisfy_e1_with_opening);
}

// Value of entry (0, 0), and what follows from it.
inline cheat_table::bend with_entry(std::function<bigint(const naive_world&)> value) {
    return [value = std::move(value)](const naive_world& world, naive_witness& w, naive_hooks&) {
        w.x[0][0] = value(world);
        derive_from_rows(world.layout, w);
    };
}
// Value 2 or -1 in plane 1 of entry (0, 0), made good in plane 2.
inline cheat_table::bend with_plane_entry(std::int64_t entry) {
    return [entry](const naive_world& world, naive_witness& w, naive_hooks& hooks) {
        const std::int64_t y = entry == 2 ? 4 : 2;
        with_entry([y](const naive_world& of) { return y - value_offset(of.layout); })(world, w, hooks);
        w.plane(0, 1, 0) = scalar::from_i64(entry);
        w.plane(0, 2, 0) = scalar::from_i64(entry == 2 ? 0 : 1);
    };
}

inline void add_range_cheats(cheat_table& table) {
    add_bit_cheats(table, "plane entry 2", with_plane_entry(2));
    add_bit_cheats(table, "plane entry -1", with_plane_entry(-1));
    add_bit_cheats(table, "value 2^(b-1)",
                   with_entry([](const naive_world& world) { return value_offset(world.layout); }));
    add_bit_cheats(table, "value -2^(b-1) - 1",
                   with_entry([](const naive_world& world) { return -value_offset(world.layout) - 1; }));

    // Its response does not fit: it is sent modulo l, inside the window or outside.
    const auto third = with_entry([](const naive_world&) { return group_order() / bigint(3); });
    const auto near_third = [third](const bigint& shift) {
        return [third, shift](const naive_world& world, naive_witness& w, naive_hooks& hooks) {
            third(world, w, hooks);
            hooks.keeps_windows = false;
            hooks.responded = [shift](naive_prover& p) { p.sent.z[0] = signed_residue(p.sent.z[0]) + shift; };
        };
    };
    add_bit_cheats(table, "value l/3", near_third(0));
    table.add_bent("value l/3, response outside its window", 6, "z[0]", near_third(group_order()));

    table.add_bent("two entries with the same packed integer as two others", 8, "E2",
                   [](const naive_world& world, naive_witness& w, naive_hooks&) {
                       w.x[0][0] += bigint(1) << world.layout.slot_width();
                       w.x[0][1] -= 1;
                       derive_from_rows(world.layout, w);
                   });
}

// --- Sum of squares ---

inline void add_norm_cheats(cheat_table& table) {
    const auto large = [](const naive_world& world, naive_witness& w, naive_hooks&) {
        for (std::size_t i = 0; i < world.layout.data_rows(); ++i)
            for (bigint& entry : w.x[i]) entry = value_offset(world.layout) - 1;
        derive_from_rows(world.layout, w);
        expects(sum_of_squares(world.layout, w) > world.layout.norm_bound());
    };
    const auto add = [&](const std::string& more, unsigned reason, const std::string& where,
                         const naive_hooks::hook& evaluated, const naive_hooks::hook& opened) {
        table.add_bent("sum of squares above the bound" + more, reason, where,
                       [=](const naive_world& world, naive_witness& w, naive_hooks& hooks) {
                           large(world, w, hooks);
                           hooks.evaluated = evaluated;
                           hooks.opened = opened;
                       });
    };
    const auto choose_v_s = [](naive_prover& p) { satisfy(p.E2(), p.unknowns, p.at.v_s); };
    add(", slack modulo 2^t", 8, "E2", nullptr, nullptr);
    add(
        ", v_x2 chosen for E2", 10, "V_x2 = v_x V_x",
        [](naive_prover& p) { satisfy(p.E2(), p.unknowns, p.at.v_x2); }, nullptr);
    add(", v_s chosen for E2", 8, "E1", choose_v_s, nullptr);
    add(", v_s for E2 and one u_c for E1", 10, "U", choose_v_s, satisfy_e1_with_opening);
    table.add_bent("sum of squares above the bound, slack 0", 8, "E2",
                   [large](const naive_world& world, naive_witness& w, naive_hooks& hooks) {
                       large(world, w, hooks);
                       for (scalar& bit : w.slack) bit = scalar::zero();
                   });
    table.add_bent("sum of squares above the bound, the difference as one slack entry", 8, "E2",
                   [large](const naive_world& world, naive_witness& w, naive_hooks& hooks) {
                       large(world, w, hooks);
                       for (scalar& bit : w.slack) bit = scalar::zero();
                       w.slack[0] = to_scalar(world.layout.norm_bound() - sum_of_squares(world.layout, w));
                   });
}

// --- Row blindings ---

// z_r without what the blinding of the row has too much: E2 holds then.
inline naive_hooks::hook without_blinding(std::size_t row) {
    return [row](naive_prover& p) { p.sent.zr.front() -= to_scalar(p.challenges.e[row]); };
}
inline void add_blinding_cheats(cheat_table& table, std::size_t data_rows) {
    const auto choose_y_r = [](naive_prover& p) { satisfy(p.E2(), p.unknowns, p.at.y_r); };
    const auto choose_v_d = [](naive_prover& p) { satisfy(p.E2(), p.unknowns, p.at.v_d); };
    for (const std::size_t row : {std::size_t{0}, data_rows}) {
        const std::string name =
            row == 0 ? "row blinding that is not the hash of its digits" : "audit row with an H part";
        const auto add = [&](const std::string& more, unsigned reason, const std::string& where,
                             naive_hooks::hook naive_hooks::*moment, const naive_hooks::hook& step) {
            table.add_bent(name + more, reason, where,
                           [=](const naive_world&, naive_witness& w, naive_hooks& hooks) {
                               w.r[row] += scalar::one();
                               hooks.*moment = step;
                           });
        };
        add("", 8, "E2", &naive_hooks::finished, nullptr);
        add(", z_r shifted", 9, "link", &naive_hooks::responded, without_blinding(row));
        add(", y_r chosen for E2", 10, "Py", &naive_hooks::evaluated, choose_y_r);
        add(", v_d chosen for E2", 8, "E1", &naive_hooks::evaluated, choose_v_d);
    }
    add_bit_cheats(table, "digit out of range", [](const naive_world& world, naive_witness& w, naive_hooks&) {
        const auto at = world.layout.digit_position(0, 0);
        w.x[at.row][at.column] = value_offset(world.layout);
        derive_from_rows(world.layout, w);
    });
    table.add_bent("own digit of an audit row out of range", 8, "E2",
                   [](const naive_world& world, naive_witness& w, naive_hooks&) {
                       w.x[world.layout.data_rows()][0] = value_offset(world.layout);
                       derive_from_rows(world.layout, w);
                   });
}

// --- Ciphertexts and linking ---

inline void add_ciphertext_cheats(cheat_table& table, const encoding::matrix_layout& layout) {
    const std::size_t J = layout.blocks(), last_row = layout.rows() - 1;
    const auto plaintext = [&](const std::string& name, std::size_t row, std::size_t block,
                               std::function<bigint(const naive_world&)> shift) {
        table.add_bent(name, 11, "block " + std::to_string(block),
                       [=](const naive_world& world, naive_witness& w, naive_hooks&) {
                           w.plaintext[row][block] += shift(world);
                       });
    };
    const auto slot = [](std::size_t k) {
        return [k](const naive_world& world) { return bigint(1) << (world.layout.slot_width() * k); };
    };
    plaintext("slot 1 of row 0 off by one", 0, 0, slot(1));
    plaintext("last block of the last row off by one", last_row, J - 1, slot(0));
    plaintext("value pushed out of its slot", 0, 0, [](const naive_world& world) {
        return bigint(1) << world.layout.slot_width(); // as 2^w + x_0 does
    });
    plaintext("plaintext shifted by n/3", 0, 0,
              [](const naive_world& world) { return world.key.n / bigint(3); });

    table.add_hook("ciphertexts of two rows swapped", 11, "block 0", &naive_hooks::committed,
                   [J](naive_prover& p) { std::swap(p.sent.cts[0], p.sent.cts[J]); });
    table.add_hook("commitments of two rows swapped", 9, "link", &naive_hooks::committed,
                   [](naive_prover& p) { std::swap(p.sent.rows[0], p.sent.rows[1]); });
    table.add_hook("planes of two rows swapped", 10, "U", &naive_hooks::committed, [](naive_prover& p) {
        std::swap(p.sent.planes[0], p.sent.planes[p.layout.value_bits() - 1]);
    });
    table.add_hook("one z off by one", 9, "link", &naive_hooks::responded,
                   [](naive_prover& p) { p.sent.z[0] += 1; });
    table.add_hook("one zeta off by one", 11, "block 0", &naive_hooks::responded,
                   [](naive_prover& p) { p.sent.zeta[0] += 1; });

    table.add_hook("A times an n-th residue", 11, "block 0", &naive_hooks::announced, [](naive_prover& p) {
        const bigint n_squared = p.key.n_squared();
        p.sent.A[0] = p.sent.A[0] * power_vartime(2, p.key.n, n_squared) % n_squared;
    });
    table.add_bent("A times a root of 1 that is neither 1 nor -1", 11, "block 0",
                   [](const naive_world& world, naive_witness&, naive_hooks& hooks) {
                       const bigint p2 = world.p * world.p, q2 = world.q * world.q;
                       const bigint root = 1 + p2 * (-2 * *invert(p2, q2) % q2); // 1 mod p^2, -1 mod q^2
                       hooks.announced = [root](naive_prover& p) {
                           p.sent.A[0] = p.sent.A[0] * root % p.key.n_squared();
                       };
                   });
    const auto negate = [](naive_prover& p, bigint& unit) { unit = p.key.negated(unit); };
    table.add_hook("A with the other sign", 0, "", &naive_hooks::announced,
                   [negate](naive_prover& p) { negate(p, p.sent.A[0]); });
    table.add_hook("ciphertext with the other sign", 0, "", &naive_hooks::committed,
                   [negate](naive_prover& p) { negate(p, p.sent.cts[0]); });
    table.add_bent("A and a ciphertext with the other sign", 0, "",
                   [negate](const naive_world&, naive_witness&, naive_hooks& hooks) {
                       hooks.committed = [negate](naive_prover& p) { negate(p, p.sent.cts.back()); };
                       hooks.announced = [negate](naive_prover& p) { negate(p, p.sent.A.back()); };
                   });
}

// --- Windows ---

// Masks that the rows do not move, so that the response is known beforehand and all else is honest: the last
// column is zero everywhere, the exponents of block 0 are zero.
inline void add_window_cheats(cheat_table& table, const encoding::matrix_layout& layout) {
    const std::size_t last = layout.columns() - 1;
    const auto z_is = [&](const std::string& name, unsigned reason, const bigint& response) {
        table.add_bent(name, reason, reason == 0 ? "" : "z[" + std::to_string(last) + "]",
                       [=](const naive_world& world, naive_witness& w, naive_hooks& hooks) {
                           for (auto& row : w.x) row[last] = 0;
                           derive_from_rows(world.layout, w);
                           hooks.keeps_windows = false;
                           hooks.masked = [=](naive_prover& p) { p.y[last] = response; };
                       });
    };
    z_is("z at its largest", 0, value_window(layout).largest);
    z_is("z above its largest", 6, value_window(layout).largest + 1);
    z_is("z at its least", 0, value_window(layout).least);
    z_is("z below its least", 6, value_window(layout).least - 1);
    const auto zeta_is = [&](const std::string& name, unsigned reason, const bigint& response) {
        table.add_bent(name, reason, reason == 0 ? "" : "zeta[0]",
                       [=](const naive_world&, naive_witness& w, naive_hooks& hooks) {
                           for (auto& exponents : w.alpha) exponents[0] = 0;
                           hooks.keeps_windows = false;
                           hooks.masked = [=](naive_prover& p) { p.beta[0] = response; };
                       });
    };
    zeta_is("zeta at its least", 0, exponent_window(layout).least);
    zeta_is("zeta below its least", 7, exponent_window(layout).least - 1);
    zeta_is("zeta at its largest", 0, exponent_window(layout).largest);
    if (layout.exponent_response_bits() % 8 != 0)
        zeta_is("zeta above its largest", 7, exponent_window(layout).largest + 1);
}

// --- Another context ---

// Everything that a transcript absorbs, in order.
inline const std::vector<std::string>& absorbed_labels() {
    static const std::vector<std::string> labels = {
        "session", "round",   "client",    "key",  "params", "binding", "rows",
        "aud",     "planes",  "slack",     "cts",  "link.Y", "link.A",  "link.P",
        "link.z",  "link.zr", "link.zeta", "sc.P", "fin.V",  "fin.T",   "fin.t"};
    return labels;
}
inline transcript::transcript context_without(const transcript::context& context, std::string_view label) {
    transcript::transcript tr("veilsum.validity/1");
    if (label != "session") tr.absorb("session", context.session);
    if (label != "round") tr.absorb_u64("round", context.round);
    if (label != "client") tr.absorb("client", context.party);
    if (label != "key") tr.absorb("key", context.key);
    if (label != "params") tr.absorb("params", context.parameters);
    if (label != "binding") tr.absorb("binding", context.binding);
    return tr;
}

inline void add_context_cheats(cheat_table& table, const encoding::matrix_layout& layout) {
    const auto other = [&](const std::string& name, void (*change)(transcript::context&)) {
        table.add("proof for another " + name, 8, "E1", [change](const naive_world& world) {
            transcript::context context = world.context;
            change(context);
            seeded_random rng(11);
            return prove(world.layout, world.key, after_context(context), world.witness(rng), rng);
        });
    };
    other("session", [](transcript::context& context) { context.session[0] ^= 1; });
    other("round", [](transcript::context& context) { ++context.round; });
    other("client", [](transcript::context& context) { context.party[31] ^= 1; });
    other("key", [](transcript::context& context) { context.key[0] ^= 1; });
    other("binding", [](transcript::context& context) { context.binding[0] ^= 1; });

    // Parameters under which a submission has the same length.
    const auto parameters = [&](const std::string& name, void (*change)(encoding::layout_parameters&)) {
        table.add("proof for " + name, 8, "E1", [change](const naive_world& world) {
            encoding::layout_parameters p = world.layout.parameters();
            change(p);
            const auto changed = encoding::matrix_layout::create(p, toy_floors).value();
            transcript::context context = world.context;
            context.parameters = changed.digest();
            std::vector<bigint> values = world.values;
            values.resize(p.d);
            seeded_random rng(12);
            return prove(changed, world.key, after_context(context), make_witness(changed, values, rng), rng);
        });
    };
    parameters("one value less", [](encoding::layout_parameters& p) { --p.d; });
    parameters("one client less", [](encoding::layout_parameters& p) { --p.m; });
    parameters("a larger weight", [](encoding::layout_parameters& p) { ++p.wmax; });
    if (layout.has_l2()) parameters("a larger bound", [](encoding::layout_parameters& p) { p.B2[31] ^= 1; });

    // Without options theta is not used and the right sides of E1 and E2 are zero, so that a wrong theta or
    // eps shows in the group equations only.
    const bool options = layout.has_l2() || layout.has_audit();
    for (const std::string& label : absorbed_labels()) {
        const bool late = label == "fin.V" || label == "fin.T" || label == "fin.t";
        table.add("prover that leaves out " + label, late && !options ? 10 : 8, late && !options ? "P0" : "",
                  [label](const naive_world& world) {
                      seeded_random rng(13);
                      naive_hooks hooks;
                      hooks.omitted = label;
                      return prove(world.layout, world.key, context_without(world.context, label),
                                   world.witness(rng), rng, hooks);
                  });
    }
}

inline std::vector<validity_cheat> validity_cheats(const naive_world& world) {
    const encoding::matrix_layout& layout = world.layout;
    expects(layout.value_bits() >= 3 && layout.data_rows() >= 2 && layout.block_length(0) >= 2);
    cheat_table table;
    add_range_cheats(table);
    if (layout.has_l2()) add_norm_cheats(table);
    if (layout.has_audit()) add_blinding_cheats(table, layout.data_rows());
    add_ciphertext_cheats(table, layout);
    add_window_cheats(table, layout);
    add_context_cheats(table, layout);
    return table.take();
}

} // namespace veilsum::test
