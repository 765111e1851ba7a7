#include "support/scheme_instances.hpp"

#include "keys/commands_of_size.hpp"

template struct keys::commands<veilsum::paillier::scheme<3072, 1>>;
