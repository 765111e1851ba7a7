// Does a broken contract end the process, as it must?
//
//     CHECK(test::ends_process([&] { in.count(10, 0); }));
//
// The action runs in a forked child, where std::terminate leaves with a status of its own. A crash, an
// exception that escapes main or a normal end is not taken for it.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>

namespace veilsum::test {

template <class Action>
bool ends_process(const Action& action) {
    constexpr int terminated = 86;
    const pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        std::set_terminate([] { _exit(terminated); });
        action();
        _exit(0);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == terminated;
}

} // namespace veilsum::test
