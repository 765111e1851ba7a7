// All of the room modular: modular arithmetic in batches: the engines and what they share.
// Not here: modular/ntl_engine.hpp, which needs the target veilsum::ntl.
#pragma once

#include <veilsum/modular/base_rows.hpp>
#include <veilsum/modular/batch.hpp>
#include <veilsum/modular/default_engine.hpp>
#include <veilsum/modular/engine.hpp>
#include <veilsum/modular/fermat.hpp>
#include <veilsum/modular/fixed_base_table.hpp>
#include <veilsum/modular/gmp_engine.hpp>
#include <veilsum/modular/ifma_engine.hpp>
#include <veilsum/modular/inversion.hpp>
#include <veilsum/modular/lane_field.hpp>
#include <veilsum/modular/lane_multi_power.hpp>
#include <veilsum/modular/lane_power.hpp>
#include <veilsum/modular/lane_product.hpp>
#include <veilsum/modular/lane_table.hpp>
#include <veilsum/modular/lane_vector.hpp>
#include <veilsum/modular/limb_block.hpp>
#include <veilsum/modular/limb_product.hpp>
#include <veilsum/modular/limb_row.hpp>
#include <veilsum/modular/montgomery.hpp>
#include <veilsum/modular/multi_power.hpp>
#include <veilsum/modular/paired_power.hpp>
#include <veilsum/modular/power.hpp>
#include <veilsum/modular/power_chain.hpp>
#include <veilsum/modular/secret_exponent.hpp>
