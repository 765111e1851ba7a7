#include "support/scheme_instances.hpp"

#include "train/run_session.hpp"
#include "train/session_run.hpp"

namespace train {

veilsum::result<void> run_2048(const options& given, const learning_task& task) {
    return session_run<veilsum::paillier::scheme<2048, 1>>(given, task).run();
}

} // namespace train
