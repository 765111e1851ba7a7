// Where the bases of products of powers stand: in one vector or several, by rows of as many columns.
//
//     base_{k,j}, k < K, j < J:     number  i J + j  of a vector,  row k the i-th of its rows
//
// Rows of one vector follow those of the vector before. Nothing is copied; the vectors have to live on.
#pragma once

#include <veilsum/core/contract.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::modular {

// A row of bases: J numbers that follow each other.
template <class Vector>
struct base_row {
    const Vector* in;  // the vector
    std::size_t first; // number of column 0
};

// `count`: of rows, all of which `columns` >= 1 divides.
template <class Vector>
std::vector<base_row<Vector>> rows_of(std::span<const Vector* const> bases, std::size_t columns,
                                      std::size_t count) {
    expects(columns >= 1);
    std::vector<base_row<Vector>> rows;
    rows.reserve(count);
    for (const Vector* vector : bases) {
        expects(vector->size() % columns == 0);
        for (std::size_t first = 0; first < vector->size(); first += columns) rows.push_back({vector, first});
    }
    expects(rows.size() == count);
    return rows;
}

} // namespace veilsum::modular
