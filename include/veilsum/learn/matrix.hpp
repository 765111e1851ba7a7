// Row-major matrices of Eigen, with its threads switched off.
//
// Eigen splits a product by the number of threads, and a different split is a different order of rounding.
// Results here must not depend on the number of threads, so products stay on one thread and parallelism is
// one level up, over clients and batches.
#pragma once

#ifndef EIGEN_DONT_PARALLELIZE
#define EIGEN_DONT_PARALLELIZE
#endif
#include <Eigen/Core>
#ifdef EIGEN_HAS_OPENMP
#error "Eigen was included with its threads on: define EIGEN_DONT_PARALLELIZE for the whole program"
#endif

namespace veilsum::learn {

template <class Real>
using matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
// 1 x n.
template <class Real>
using row_vector = Eigen::Matrix<Real, 1, Eigen::Dynamic, Eigen::RowMajor>;

} // namespace veilsum::learn
