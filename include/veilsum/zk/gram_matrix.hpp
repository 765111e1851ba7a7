// Inner products of the slices of a table, for sumcheck rounds that need no more than them.
//
//     M[u][v] = sum_p w_p f(u, p) f(v, p)         u, v < 2^g: the first g variables; p: all others
//
// Sums of squares of f~ are quadratic forms in M: for the first variable X and the vertices u of the next
// ones
//
//     sum_p w_p f~(X, u, p)^2 = (1 - X)^2 M[2u][2u] + 2 X (1 - X) M[2u][2u+1] + X^2 M[2u+1][2u+1]
//
// and binding X = r gives the matrix of half the size. Bits and small integers have inner products that are
// cheaper than field arithmetic; the table itself is bound later, in g variables at once.
//
// spec: validity proofs 13.2, items 4 and 7. Secret: move-only, wiped.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/scalar.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace veilsum::zk {

class gram_matrix {
  public:
    // 2^variables rows of zeros.
    explicit gram_matrix(std::size_t variables)
        : variables_(variables), size_(std::size_t{1} << variables),
          entries_(std::vector<group::scalar>(size_ * size_)) {}

    std::size_t size() const { return size_; } // rows of M
    const group::scalar& operator()(std::size_t u, std::size_t v) const {
        expects(u < size_ && v < size_);
        return entries_.expose()[u * size_ + v];
    }
    // To both of [u][v] and [v][u].
    void add(std::size_t u, std::size_t v, const group::scalar& product) {
        expects(u < size_ && v < size_);
        entries_.expose()[u * size_ + v] += product;
        if (u != v) entries_.expose()[v * size_ + u] += product;
    }

    // The X^2 coefficient of the form above; its values at 0 and 1 are entries.
    group::scalar leading(std::size_t u) const {
        const group::scalar& mixed = (*this)(2 * u, 2 * u + 1);
        return (*this)(2 * u, 2 * u) - mixed - mixed + (*this)(2 * u + 1, 2 * u + 1);
    }

    // Binds the lowest variable to r: a matrix of half the size.
    void bind(const group::scalar& r) {
        expects(size_ >= 2);
        gram_matrix half(variables_ - 1);
        const group::scalar rest = group::scalar::one() - r;
        const group::scalar none = rest * rest, mixed = rest * r, both = r * r;
        for (std::size_t u = 0; u < half.size_; ++u)
            for (std::size_t v = 0; v < half.size_; ++v)
                half.entries_.expose()[u * half.size_ + v] =
                    none * (*this)(2 * u, 2 * v) +
                    mixed * ((*this)(2 * u, 2 * v + 1) + (*this)(2 * u + 1, 2 * v)) +
                    both * (*this)(2 * u + 1, 2 * v + 1);
        *this = std::move(half);
    }

  private:
    std::size_t variables_, size_;
    secret<std::vector<group::scalar>> entries_;
};

} // namespace veilsum::zk
