// All of veilsum that needs GMP and libsodium only, room by room. Programs that care about compile time, or
// about what a part of them is able to do (an auditor must not be able to sign), include single headers
// instead.
//
// Not here: the headers of veilsum::learn (Eigen) and of veilsum::ntl (NTL).
#pragma once

#include <veilsum/aggregation.hpp>
#include <veilsum/audit.hpp>
#include <veilsum/core.hpp>
#include <veilsum/encoding.hpp>
#include <veilsum/group.hpp>
#include <veilsum/hash.hpp>
#include <veilsum/integer.hpp>
#include <veilsum/modular.hpp>
#include <veilsum/paillier.hpp>
#include <veilsum/pedersen.hpp>
#include <veilsum/privacy.hpp>
#include <veilsum/random.hpp>
#include <veilsum/seal.hpp>
#include <veilsum/sign.hpp>
#include <veilsum/threshold.hpp>
#include <veilsum/transcript.hpp>
#include <veilsum/wire.hpp>
#include <veilsum/zk.hpp>
