// All of the room encoding: fixed-point numbers, slots, and the layout of updates in rows.
#pragma once

#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/encoding/plan_layout.hpp>
#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/encoding/slots.hpp>
