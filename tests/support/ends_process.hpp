// Does a broken contract end the process, as it must?
//
//     CHECK(test::ends_process([&] { in.count(10, 0); }));
//
// The action runs in a forked child, where std::terminate leaves with a status of its own. A crash, an
// exception that escapes main or a normal end is not taken for it.
//
//     const auto said = test::last_words([&] { in.count(10, 0); });
//     REQUIRE(said);
//     CHECK(said->starts_with("veilsum: broken contract"));
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <optional>
#include <string>

namespace veilsum::test {

// What it wrote to standard error before a broken contract ended it; nothing if none did.
template <class Action>
std::optional<std::string> last_words(const Action& action) {
    constexpr int terminated = 86;
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return std::nullopt;
    const pid_t child = fork();
    if (child == 0) {
        std::set_terminate([] { _exit(terminated); });
        if (dup2(ends[1], STDERR_FILENO) < 0) _exit(1);
        static_cast<void>(action());
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    std::array<char, 512> part{};
    for (ssize_t got = 0; child > 0 && (got = read(ends[0], part.data(), part.size())) > 0;)
        said.append(part.data(), static_cast<std::size_t>(got));
    close(ends[0]);
    int status = 0;
    const bool ended = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                       WEXITSTATUS(status) == terminated;
    return ended ? std::optional(said) : std::nullopt;
}

template <class Action>
bool ends_process(const Action& action) {
    return last_words(action).has_value();
}

} // namespace veilsum::test
