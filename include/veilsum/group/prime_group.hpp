// Groups of prime order, as the commitments and proofs see them.
//
// Laws, for points P, Q and scalars x, y of a model:
//   - (points, +) is a commutative group, `identity()` its neutral element, `-` its inverse; its order is
//     a prime l;
//   - scalars are the field of integers mod l, with `zero()`, `one()`, +, -, * and `invert` of every x but
//     zero;
//   - (x + y) P = x P + y P,   x (P + Q) = x P + x Q,   (x y) P = x (y P),   1 P = P;
//   - `bytes()` is canonical: equal elements have equal bytes, and `parse` / `from_bytes` accept these
//     bytes and no others, so every element has one spelling;
//   - `from_uniform` of 64 uniform bytes is within 2^-128 of uniform, and nobody knows discrete logarithms
//     between its outputs for different inputs.
// The laws about discrete logarithms cannot be tested; the others are, over every model, in tests/group.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>

#include <concepts>
#include <cstdint>

namespace veilsum::group {

// The integers modulo the group's order, a field; laws in the description of the file.
template <class Scalar>
concept group_scalar = std::regular<Scalar> && requires(Scalar& x, const Scalar& y, byte_view data) {
    { Scalar::zero() } -> std::same_as<Scalar>;
    { Scalar::one() } -> std::same_as<Scalar>;
    { Scalar::from_i64(std::int64_t{}) } -> std::same_as<Scalar>;
    { Scalar::from_bytes(data) } -> std::same_as<result<Scalar>>;
    { Scalar::from_uniform(byte_array<64>{}) } -> std::same_as<Scalar>;
    { y + y } -> std::same_as<Scalar>;
    { y - y } -> std::same_as<Scalar>;
    { -y } -> std::same_as<Scalar>;
    { y* y } -> std::same_as<Scalar>;
    { y.invert() } -> std::same_as<result<Scalar>>;
    { y.bytes() } -> std::convertible_to<byte_view>;
    x.wipe();
};

template <class Group>
concept prime_group = group_scalar<typename Group::scalar> && std::regular<typename Group::point> &&
    requires(const typename Group::point& p, const typename Group::scalar& x, byte_view data) {
    { Group::point::identity() } -> std::same_as<typename Group::point>;
    { Group::point::base() } -> std::same_as<typename Group::point>;
    { Group::point::parse(data) } -> std::same_as<result<typename Group::point>>;
    { Group::point::from_uniform(byte_array<64>{}) } -> std::same_as<typename Group::point>;
    { p.is_identity() } -> std::same_as<bool>;
    { p + p } -> std::same_as<typename Group::point>;
    { p - p } -> std::same_as<typename Group::point>;
    { -p } -> std::same_as<typename Group::point>;
    { x* p } -> std::same_as<typename Group::point>;
    { p.bytes() } -> std::convertible_to<byte_view>;
};

} // namespace veilsum::group
