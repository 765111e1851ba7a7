// All of the room group: ristretto255: scalars, points, generators, sums of many multiples.
#pragma once

#include <veilsum/group/base_multiples.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/bit_planes.hpp>
#include <veilsum/group/bucket_sum.hpp>
#include <veilsum/group/edwards_point.hpp>
#include <veilsum/group/field25519.hpp>
#include <veilsum/group/generators.hpp>
#include <veilsum/group/lane_edwards_point.hpp>
#include <veilsum/group/lane_field25519.hpp>
#include <veilsum/group/lane_ristretto.hpp>
#include <veilsum/group/lane_scalar.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/point_table.hpp>
#include <veilsum/group/prime_group.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/ristretto_encoding.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/group/scalar_digits.hpp>
#include <veilsum/group/small_multiples.hpp>
#include <veilsum/group/subset_tables.hpp>
