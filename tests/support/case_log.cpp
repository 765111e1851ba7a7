// Writes what became of each test case to the file that VEILSUM_CASE_LOG names, beside the usual report.
//
// One line when a case starts ("started NAME") and one when it ends ("passed NAME", "failed NAME" or
// "skipped NAME"), flushed at once: after a crash, the case that started last has no second line, and whoever
// counts knows which one it was. `./run test` counts these lines.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "support/catch.hpp"
#include "support/skip.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

#if __has_include(<catch2/catch_all.hpp>)
using listener_base = Catch::EventListenerBase;
#else
using listener_base = Catch::TestEventListenerBase;
#endif

class case_log : public listener_base {
  public:
    using listener_base::listener_base;

    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        listener_base::testCaseStarting(info);
        veilsum::test::skipped_case() = false;
        name_ = info.name;
        write("started");
    }
    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        const bool failed = stats.totals.testCases.failed != 0;
        write(failed ? "failed" : veilsum::test::skipped_case() ? "skipped" : "passed");
        listener_base::testCaseEnded(stats);
    }

  private:
    void write(const char* outcome) {
        if (log_.is_open()) log_ << outcome << ' ' << name_ << std::endl;
    }
    static std::ofstream open() {
        const char* path = std::getenv("VEILSUM_CASE_LOG");
        return path != nullptr ? std::ofstream(path, std::ios::trunc) : std::ofstream();
    }
    std::ofstream log_ = open();
    std::string name_;
};

} // namespace

CATCH_REGISTER_LISTENER(case_log)
