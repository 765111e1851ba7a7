// What roles.hpp declares, for a size: included by roles_BITS.cpp alone.
#pragma once

#include "support/scheme_instances.hpp"

#include "stress/aggregator_role.hpp"
#include "stress/clients_role.hpp"
#include "stress/referee_role.hpp"
#include "stress/roles.hpp"
#include "stress/setup_role.hpp"
#include "stress/trustee_role.hpp"

#include <stdexcept>
#include <string>

namespace veilsum::stress {

template <class Scheme>
void play(const std::string& role, const parameters& given) {
    if (role == "setup")
        setup_role<Scheme>(given).play();
    else if (role == "aggregator")
        aggregator_role<Scheme>(given).play();
    else if (role == "clients")
        clients_role<Scheme>(given).play();
    else if (role == "trustee")
        trustee_role<Scheme>(given).play();
    else if (role == "referee")
        referee_role<Scheme>(given).play();
    else
        throw std::runtime_error("no such role: " + role);
}

} // namespace veilsum::stress
