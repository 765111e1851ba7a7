#include "support/scheme_instances.hpp"

#include "cluster/aggregator_role.hpp"
#include "cluster/auditor_role.hpp"
#include "cluster/client_role.hpp"
#include "cluster/trustee_role.hpp"

template struct cluster::roles<veilsum::paillier::scheme<2048, 1>>;
