// All of the room learn: the small trainer of the demo. Needs the target veilsum::learn (Eigen, zlib).
#pragma once

#include <veilsum/learn/csv.hpp>
#include <veilsum/learn/data_set.hpp>
#include <veilsum/learn/digits.hpp>
#include <veilsum/learn/generator.hpp>
#include <veilsum/learn/idx.hpp>
#include <veilsum/learn/matrix.hpp>
#include <veilsum/learn/mlp.hpp>
#include <veilsum/learn/sgd.hpp>
