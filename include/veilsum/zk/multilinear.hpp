// Multilinear extensions of tables, and the public numbers that a sumcheck ends with.
//
//     eq(u, v) = prod_j (u_j v_j + (1 - u_j)(1 - v_j))
//     eqtab(v)[u] = eq(u, v)  for a vertex u of the cube
//     f~(v) = sum_u f[u] eqtab(v)[u]
//
// f~ is the one polynomial of degree 1 in each variable that equals f on the cube. The index u of a table has
// its lowest bit in variable 0. A table may be shorter than the cube; what is missing counts as zero.
//
// A point of the sumcheck's cube is (plane k, row i, column c): kp, kr and kc variables, in this order.
//
// spec: validity proofs 4.4 and 8.6. Points are public; `evaluate` takes secret tables too: constant time.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::zk {

// Both of the same length.
inline group::scalar eq(std::span<const group::scalar> u, std::span<const group::scalar> v) {
    expects(u.size() == v.size());
    group::scalar product = group::scalar::one();
    for (std::size_t j = 0; j < u.size(); ++j) {
        const group::scalar both = u[j] * v[j];
        product *= group::scalar::one() - u[j] - v[j] + both + both;
    }
    return product;
}
// eq(u, v) at a vertex u of the cube, given by its index.
inline group::scalar eq(std::size_t vertex, std::span<const group::scalar> v) {
    group::scalar product = group::scalar::one();
    for (std::size_t j = 0; j < v.size(); ++j)
        product *= (vertex >> j & 1) != 0 ? v[j] : group::scalar::one() - v[j];
    return product;
}

// The first `length` entries of eqtab(v), length <= 2^v.size(). Cost: a multiplication an entry, two where
// the table is cut.
inline std::vector<group::scalar> eq_table(std::span<const group::scalar> v, std::size_t length) {
    expects(static_cast<std::size_t>(std::bit_width(length == 0 ? 0 : length - 1)) <= v.size());
    std::vector<group::scalar> table(length);
    if (length == 0) return table;
    // From the last variable to the first, the vertices with equal upper bits being one entry until their
    // lower bits are decided.
    table[0] = group::scalar::one();
    for (std::size_t j = v.size(); j-- > 0;) {
        const std::size_t entries = ((length - 1) >> j) + 1; // after variable j is decided
        for (std::size_t u = (entries + 1) / 2; u-- > 0;) {
            const group::scalar upper = table[u] * v[j];
            table[2 * u] = table[u] - upper;
            if (2 * u + 1 < entries) table[2 * u + 1] = upper;
        }
    }
    return table;
}
inline std::vector<group::scalar> eq_table(std::span<const group::scalar> v) {
    return eq_table(v, std::size_t{1} << v.size());
}

// f~(v) of a table of at most 2^v.size() entries.
inline group::scalar evaluate(std::span<const group::scalar> table, std::span<const group::scalar> v) {
    const std::vector<group::scalar> weights = eq_table(v, table.size());
    group::scalar sum;
    for (std::size_t u = 0; u < table.size(); ++u) sum += table[u] * weights[u];
    return sum;
}

// A point of the cube, or challenges for each of its variables: (`planes`, `rows`, `columns`).
struct cube_point {
    std::span<const group::scalar> planes, rows, columns;

    cube_point(const encoding::matrix_layout& layout, std::span<const group::scalar> all)
        : planes(all.first(layout.plane_variables())),
          rows(all.subspan(layout.plane_variables(), layout.row_variables())),
          columns(all.last(layout.column_variables())) {
        expects(all.size() == layout.variables());
    }
};

// The public values at the end point r of the sumcheck (8.6).
struct evaluation_weights {
    std::vector<group::scalar> planes;  // qv, for k < b
    std::vector<group::scalar> rows;    // lv, for i < Kg
    std::vector<group::scalar> columns; // Rv, for c < C
    group::scalar zero_check;           // E = eq(tau, r)
    group::scalar first_plane;          // delta = qv[0] = eq(0, r_p)
    group::scalar slack_row;            // ls = lv[Kt] with L2, else 0
    group::scalar slack_columns;        // wt = sum_{c<t} 2^c Rv[c]

    // tau and r: one scalar for each variable.
    evaluation_weights(const encoding::matrix_layout& layout, std::span<const group::scalar> tau,
                       std::span<const group::scalar> r)
        : zero_check(eq(tau, r)) {
        const cube_point at(layout, r);
        planes = eq_table(at.planes, layout.value_bits());
        rows = eq_table(at.rows, layout.cube_rows());
        columns = eq_table(at.columns, layout.columns());
        first_plane = planes[0];
        if (layout.has_l2()) slack_row = rows[layout.rows()];
        for (std::size_t c = layout.slack_bits(); c-- > 0;)
            slack_columns = slack_columns + slack_columns + columns[c];
    }
};

} // namespace veilsum::zk
