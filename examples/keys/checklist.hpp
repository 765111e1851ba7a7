// What `keys check` prints: one numbered line a check, then a verdict that names the first check that failed.
#pragma once

#include <veilsum/core/error.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace keys {

class checklist {
  public:
    void passed(const std::string& check) { line(check, "ok"); }
    // `culprit`: who may be to blame.
    void failed(const std::string& check, const veilsum::error& reason, const std::string& culprit) {
        line(check, "REFUSED");
        std::printf("      %s\n", reason.describe().c_str());
        const bool unread = reason.code == veilsum::errc::io;
        if (!first_failure_)
            first_failure_ = failure{number_, check, reason.describe(),
                                     unread ? "not known: a file could not be read" : culprit};
    }
    void not_reached(const std::string& check) { line(check, "-"); }
    void left_out(const std::string& what, const std::string& why) {
        left_out_.push_back(what + " (" + why + ")");
    }

    bool accepted() const { return !first_failure_; }

    void print_verdict() const {
        if (first_failure_) {
            std::printf("\nVERDICT      refused at check %u (%s)\n", first_failure_->number,
                        first_failure_->check.c_str());
            std::printf("reason       %s\n", first_failure_->reason.c_str());
            std::printf("culprit      %s\n", first_failure_->culprit.c_str());
        } else {
            std::printf("\nVERDICT      accepted: what was checked is right\n");
        }
        const char* label = "not checked ";
        for (const std::string& what : left_out_) {
            std::printf("%s %s\n", label, what.c_str());
            label = "            ";
        }
    }

  private:
    struct failure {
        unsigned number;
        std::string check, reason, culprit;
    };
    void line(const std::string& check, const char* outcome) {
        std::printf("  %2u  %-62s %s\n", ++number_, check.c_str(), outcome);
        std::fflush(stdout);
    }

    unsigned number_ = 0;
    std::optional<failure> first_failure_;
    std::vector<std::string> left_out_;
};

} // namespace keys
