#include "support/played_round.hpp"

template class veilsum::bench::played_round<veilsum::paillier::scheme<3072>>;
