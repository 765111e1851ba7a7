#define VEILSUM_TEST_SESSION_INSTANCE template
#include "support/session_instances.hpp"
