// The four roles for one key size. Each size_*.cpp holds one size, so that they are compiled side by side.
#pragma once

#include "cluster/connection.hpp"
#include "cluster/log_copy.hpp"
#include "cluster/options.hpp"

#include <veilsum/core/result.hpp>
#include <veilsum/paillier/scheme.hpp>

namespace cluster {

// Each runs until the session is over, something is refused, or the process is asked to stop.
template <class Scheme>
struct roles {
    static result<void> aggregator(const aggregator_options& given);
    static result<void> client(const client_options& given, const aggregator_keys& known, connection& link,
                               log_copy& copy);
    static result<void> trustee(const trustee_options& given, const aggregator_keys& known, connection& link);
    static result<void> auditor(const auditor_options& given, connection& link, log_copy& copy);
};

extern template struct roles<veilsum::paillier::scheme<2048, 1>>;
extern template struct roles<veilsum::paillier::scheme<3072, 1>>;
extern template struct roles<veilsum::paillier::scheme<4096, 1>>;

} // namespace cluster
