#include "stress/play.hpp"

template void veilsum::stress::play<veilsum::paillier::scheme<3072>>(const std::string&,
                                                                     const veilsum::stress::parameters&);
