// All of the room hash: SHA-2 and labelled domains.
#pragma once

#include <veilsum/hash/domain.hpp>
#include <veilsum/hash/sha2.hpp>
