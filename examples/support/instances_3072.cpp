#define EXAMPLES_INSTANCES_HERE
#include "support/scheme_instances.hpp"

EXAMPLES_SCHEME_INSTANCES(template, 3072)
