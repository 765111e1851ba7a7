// The generators of row commitments: G_0 .. G_{C-1} for the columns and H for the blinding.
//
// Hashed from labels (group/generators.hpp), the same for every key, session and round, and a prefix of the
// same sequence for every C. Made once: C + 1 hashes to the group, in batches. Copies share the points and
// can be used from any thread.
//
//     const pedersen::generators generators(layout.columns());
//
// spec: validity proofs, section 6.3
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/group/base_multiples.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/generators.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/subset_tables.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace veilsum::pedersen {

// H, which needs no columns.
inline group::point blinding_generator() {
    return group::generator("H", 0);
}

// Multiples of H: public tables, the same in every process, made at the first use.
inline const group::base_multiples& blinding_multiples() {
    static const group::base_multiples multiples(blinding_generator());
    return multiples;
}

class generators {
  public:
    // 1 <= columns <= 4096.
    explicit generators(std::size_t columns) : points_(make(columns)) {}

    std::size_t columns() const { return points_->size() - 1; } // C
    // G_c, c < columns() (contract).
    const group::point& G(std::size_t column) const { return all_G()[expect_column(column)]; }
    // G_0 .. G_{C-1}.
    std::span<const group::point> all_G() const { return std::span(*points_).first(columns()); }
    // What blindings multiply.
    const group::point& H() const { return points_->back(); }
    // The tables of G_0 .. G_{C-1}, for sums with secret coefficients. Made at every call.
    group::subset_tables tables() const {
        return group::subset_tables(columns(), [this](std::size_t c) { return G(c).representative(); });
    }

  private:
    static std::shared_ptr<const std::vector<group::point>> make(std::size_t columns) {
        expects(columns >= 1 && columns <= 4096);
        std::vector<byte_array<64>> hashes(columns + 1);
        for (std::size_t c = 0; c < columns; ++c)
            hashes[c] = group::generator_hash("G", static_cast<std::uint32_t>(c));
        hashes[columns] = group::generator_hash("H", 0);
        std::vector<group::point> points = group::from_uniform_all(hashes);
        return std::make_shared<const std::vector<group::point>>(std::move(points));
    }
    std::size_t expect_column(std::size_t column) const {
        expects(column < columns());
        return column;
    }
    std::shared_ptr<const std::vector<group::point>> points_; // G_0 .. G_{C-1}, H
};

} // namespace veilsum::pedersen
