// The linear-relation proof: knowledge of scalars that satisfy linear equations, in the group and in the
// field.
//
//     group  a:   sum_i w_i A_{a,i} = B_a            A, B elements of ristretto255
//     scalar a:   sum_i w_i k_{a,i} = c_a  (mod l)   k, c scalars
//
// Every sigma part of a validity proof is an instance: commitments, sums of commitments, products of
// committed values (if V = v Q + s H, then V2 = v V + p H holds exactly when V2 commits to v^2: the base V is
// public).
//
//     prover                                                 verifier
//     uniform o_i;  T_a = sum o_i A_{a,i},  tt_a = sum o_i k_{a,i}
//                         -- T, tt -->
//                         <-- eps ---
//     resp_i = o_i + eps w_i
//                         -- resp -->     sum resp_i k_{a,i} = tt_a + eps c_a       for every scalar equation
//                                         sum resp_i A_{a,i} = T_a + eps B_a        for every group equation
//
// Special soundness: two challenges for one announcement give w = (resp - resp') / (eps - eps'). Zero
// knowledge: resp uniform, T and tt from the equations. Announcements are sent and not recomputed, so that a
// verifier can fold all group equations, of many proofs, into one sum of products: `fold` adds weight times
// each equation, brought to the form 0 = sum, to one list of coefficients.
//
// Elements are numbers in a list that both sides keep: a relation says which ones it takes, not what they
// are. So one list serves all equations, B_a may be a public combination that is multiplied out and never
// computed, and a prover brings its own way to multiply (tables for its fixed elements).
//
// Ref: Maurer, "Unifying zero-knowledge proofs of knowledge", AFRICACRYPT 2009.   spec: validity proofs,
// section 7
//
//     linear_relation r(2);                                     // unknowns w_0, w_1
//     r.group.push_back({{{0, G}, {1, H}}, {{V, scalar::one()}}});    // w_0 G + w_1 H = V
//     auto [first, masks] = announce(r, elements_in(points), rng);
//     const auto eps = challenge_of(tr, "fin", first);
//     const auto resp = respond(r, witness, std::move(masks), eps);
//
// Sizes: 32 bytes for each group equation, each scalar equation and each unknown.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/sigma_protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::zk {

struct linear_relation {
    using scalar = group::scalar; // modulo l

    struct unknown_times_element { // w_i A
        std::size_t unknown;       // i
        std::size_t element;       // number of A in the list
    };
    struct scalar_times_element { // c B
        std::size_t element;      // number of B in the list
        scalar factor;            // c
    };
    struct scalar_times_unknown { // k w_i
        std::size_t unknown;      // i
        scalar factor;            // k
    };
    // sum w_i A = sum c B
    struct group_equation {
        std::vector<unknown_times_element> left; // summed up
        std::vector<scalar_times_element> right; // summed up, equal to the left
    };
    // sum k w_i = c
    struct scalar_equation {
        std::vector<scalar_times_unknown> left; // summed up
        scalar right;                           // equal to the left
    };

    explicit linear_relation(std::size_t count) : unknowns(count) {}

    std::size_t unknowns;               // g
    std::vector<group_equation> group;  // the group equations, in the order of T
    std::vector<scalar_equation> field; // the scalar equations, in the order of tt
};

// The first message: one element for each group equation, one scalar for each scalar equation.
struct linear_announcement {
    std::vector<group::point> group;  // T, encodings known
    std::vector<group::scalar> field; // tt
};

using linear_response = std::vector<group::scalar>; // resp, one for each unknown

// A secret scalar times an element of the list.
struct secret_product {
    group::scalar factor; // secret
    std::size_t element;  // number of the element in the list
};

// The plain way to multiply: constant time, any elements. `Multiplier` below is anything that is called like
// it.
struct elements_in {
    std::span<const group::point> elements; // must outlive this

    explicit elements_in(std::span<const group::point> list) : elements(list) {}
    group::point operator()(std::span<const secret_product> products) const {
        secret<std::vector<group::scalar>> factors{std::vector<group::scalar>(products.size())};
        std::vector<group::point> points(products.size());
        for (std::size_t i = 0; i < products.size(); ++i) {
            factors.expose()[i] = products[i].factor;
            points[i] = elements[products[i].element];
        }
        return group::sum_of_products(factors.expose(), points);
    }
};

namespace detail {

inline group::scalar field_side(const linear_relation::scalar_equation& equation,
                                std::span<const group::scalar> values) {
    group::scalar sum;
    for (const auto& term : equation.left) sum += term.factor * values[term.unknown];
    return sum;
}

template <class Multiplier>
group::point group_side(const linear_relation::group_equation& equation,
                        std::span<const group::scalar> values, const Multiplier& multiply) {
    std::vector<secret_product> products(equation.left.size());
    for (std::size_t i = 0; i < products.size(); ++i)
        products[i] = {values[equation.left[i].unknown], equation.left[i].element};
    const group::point sum = multiply(std::span<const secret_product>(products));
    for (secret_product& each : products) each.factor.wipe();
    return sum;
}

} // namespace detail

using linear_masks = secret<std::vector<group::scalar>>; // o

// spec: validity proofs 7, steps 1 and 2
template <class Multiplier, random::random_source Source>
announced<linear_announcement, linear_masks> announce(const linear_relation& relation,
                                                      const Multiplier& multiply, Source& rng) {
    linear_masks masks{std::vector<group::scalar>(relation.unknowns)};
    for (group::scalar& mask : masks.expose()) mask = group::scalar::random(rng);
    linear_announcement first{std::vector<group::point>(relation.group.size()),
                              std::vector<group::scalar>(relation.field.size())};
    parallel_for(first.group.size(), [&](std::size_t a) {
        first.group[a] = detail::group_side(relation.group[a], masks.expose(), multiply);
    });
    group::encode_all(first.group);
    for (std::size_t a = 0; a < first.field.size(); ++a)
        first.field[a] = detail::field_side(relation.field[a], masks.expose());
    return {std::move(first), std::move(masks)};
}

// Step 3. Both sides run it; `script` already holds all that the coefficients depend on. The labels are
// `label`.T, `label`.t and `label`.e.
inline group::scalar challenge_of(transcript::transcript& script, std::string_view label,
                                  const linear_announcement& first) {
    bytes elements, scalars;
    for (const group::point& each : first.group) {
        const auto encoded = each.bytes();
        elements.insert(elements.end(), encoded.begin(), encoded.end());
    }
    for (const group::scalar& each : first.field) {
        const auto encoded = each.bytes();
        scalars.insert(scalars.end(), encoded.begin(), encoded.end());
    }
    const std::string name(label);
    script.absorb(name + ".T", elements);
    script.absorb(name + ".t", scalars);
    return group::scalar::from_uniform(script.challenge(name + ".e"));
}

// Step 4.
inline linear_response respond(const linear_relation& relation,
                               const secret<std::vector<group::scalar>>& witness, linear_masks&& used,
                               const group::scalar& challenge) {
    const linear_masks masks = std::move(used);
    expects(witness.expose().size() == relation.unknowns && masks.expose().size() == relation.unknowns);
    linear_response answer(relation.unknowns);
    for (std::size_t i = 0; i < answer.size(); ++i)
        answer[i] = masks.expose()[i] + challenge * witness.expose()[i];
    return answer;
}

// Do the witness's values satisfy scalar equation a? A prover asks before it sends: a fault would be sent
// out.
inline bool satisfies(const linear_relation& relation, const secret<std::vector<group::scalar>>& witness,
                      std::size_t a) {
    return detail::field_side(relation.field[a], witness.expose()) == relation.field[a].right;
}

// The verifier's scalar equation a.
inline bool check_field(const linear_relation& relation, const linear_announcement& first,
                        const linear_response& answer, const group::scalar& challenge, std::size_t a) {
    return detail::field_side(relation.field[a], answer) ==
           first.field[a] + challenge * relation.field[a].right;
}

// coefficients += weight (sum_i resp_i A_{a,i} - T_a - eps B_a) for group equation a, where T_a is the
// element number `announcement_element`.
inline void fold(const linear_relation& relation, std::size_t a, const linear_response& answer,
                 const group::scalar& challenge, const group::scalar& weight,
                 std::size_t announcement_element, std::span<group::scalar> coefficients) {
    const auto& equation = relation.group[a];
    for (const auto& term : equation.left) coefficients[term.element] += weight * answer[term.unknown];
    const group::scalar minus = -(weight * challenge);
    for (const auto& term : equation.right) coefficients[term.element] += minus * term.factor;
    coefficients[announcement_element] -= weight;
}

// All equations, one by one. Checks, by number: 1 as many announcements and responses as equations and
// unknowns (errc::malformed); 2 the scalar equations, 3 the group equations (errc::bad_proof, place "equation
// 4", counted from 0 in each kind).
inline result<void> check(const linear_relation& relation, std::span<const group::point> elements,
                          const linear_announcement& first, const group::scalar& challenge,
                          const linear_response& answer) {
    if (first.group.size() != relation.group.size() || first.field.size() != relation.field.size() ||
        answer.size() != relation.unknowns)
        return error{errc::malformed, "shape of a linear proof", 1};
    const auto failed = [](std::uint32_t number, std::size_t a) {
        return error{errc::bad_proof, "linear relation", number}.at("equation " + std::to_string(a));
    };
    for (std::size_t a = 0; a < relation.field.size(); ++a)
        if (!check_field(relation, first, answer, challenge, a)) return failed(2, a);
    for (std::size_t a = 0; a < relation.group.size(); ++a) {
        std::vector<group::scalar> coefficients(elements.size() + 1);
        fold(relation, a, answer, challenge, group::scalar::one(), elements.size(), coefficients);
        std::vector<group::point> points(elements.begin(), elements.end());
        points.push_back(first.group[a]);
        if (!group::sum_of_products_vartime(coefficients, points).is_identity()) return failed(3, a);
    }
    return {};
}

} // namespace veilsum::zk
