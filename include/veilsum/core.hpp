// All of the room core: bytes, results and errors, secrets, parties, parallel loops.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/core/error.hpp>
#include <veilsum/core/ifma.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/core/wiped_stack.hpp>
