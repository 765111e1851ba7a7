#define VEILSUM_TEST_THRESHOLD_INSTANCE template
#include "support/threshold_instances.hpp"
