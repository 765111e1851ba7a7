// All of the room privacy: exact noise and the ledger of a privacy budget.
#pragma once

#include <veilsum/privacy/accountant.hpp>
#include <veilsum/privacy/coins.hpp>
#include <veilsum/privacy/composition.hpp>
#include <veilsum/privacy/discrete_gaussian.hpp>
#include <veilsum/privacy/discrete_laplace.hpp>
#include <veilsum/privacy/noise_plan.hpp>
#include <veilsum/privacy/polya.hpp>
#include <veilsum/privacy/ratio.hpp>
#include <veilsum/privacy/rounding.hpp>
