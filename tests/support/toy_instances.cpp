#define VEILSUM_TEST_INSTANCE template
#include "support/toy.hpp"
