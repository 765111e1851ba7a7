// The whole of lesson 6 behind one function: clients, aggregator and three trustees in this process, the
// record in a folder. Lessons 7 to 10 use it. A deployment has each party in a process of its own; what they
// exchange is the same.
#pragma once

#include "course.hpp"

#include <veilsum/audit/file_store.hpp>

#include <filesystem>

namespace course {

// A folder for the length of a program.
class scratch_folder {
  public:
    scratch_folder();
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder();
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

class cohort {
  public:
    using store = veilsum::audit::file_store;
    static constexpr const char* origin = "course.example/log";
    // One unit is 2^-11, a value has 16 bits, updates are clipped to norm 15.
    static constexpr veilsum::encoding::fixed_point format{11, 16, 15.0};

    // `clients` clients of weight 1, a model that starts as `weights`, the record in `folder`, which must not
    // exist.
    cohort(const std::filesystem::path& folder, std::size_t clients, std::vector<float> weights);

    struct outcome {
        std::vector<std::int64_t> sums;       // of the quantised updates
        std::vector<veilsum::bytes> receipts; // of client i; empty for a silent one
    };
    // One round, in which a client with an empty update is silent; then the model has moved by the mean of
    // the others. The smallest cohort that is opened is 2.
    outcome aggregate(const std::vector<std::vector<float>>& updates);

    const std::vector<float>& model() const { return weights_; }
    const aggregation::client_id& client_id(std::size_t i) const { return clients_[i].id(); }
    const store& record() const { return session_->store(); }
    const aggregation::session_facts<scheme>& facts() const { return session_->state().facts(); }
    // The last entry of the record; nothing can follow.
    void end();

  private:
    veilsum::random::system_random rng_;
    std::optional<aggregation::idle_session<scheme, store>> session_;
    std::vector<client> clients_;
    std::vector<trustee> trustees_;
    std::vector<float> weights_;
    std::uint64_t clock_ = 1000; // seconds; a deployment takes them from its clock
};

} // namespace course
