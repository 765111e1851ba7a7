// All of the room random: the randomness of the system.
#pragma once

#include <veilsum/random/random_source.hpp>
#include <veilsum/random/sodium.hpp>
#include <veilsum/random/system_random.hpp>
