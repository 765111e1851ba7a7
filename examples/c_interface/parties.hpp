// The parties behind the handles of veilsum.h, whatever the size of the key.
#pragma once

#include <veilsum/aggregation/roster.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace c_interface {

using path = std::filesystem::path;
using veilsum::byte_view;
using veilsum::bytes;
using veilsum::errc;
using veilsum::error;
using veilsum::result;
using veilsum::aggregation::client_id;
using veilsum::aggregation::roster;
using veilsum::hash::digest32;
using client_seed = veilsum::secret<veilsum::byte_array<32>>;

struct round_plan {
    veilsum::encoding::fixed_point format;
    std::uint32_t minimum_cohort = 0;
    std::uint64_t opens_at = 0;
    std::uint64_t closes_at = 0;
};

struct round_outcome {
    std::vector<std::int64_t> sums;
    std::vector<float> mean;
    std::uint64_t total_weight = 0;
};

// What a client knows from elsewhere than the record.
struct expectation {
    digest32 session{};
    digest32 key{};
    roster members; // who may take part, with which weights
    std::uint32_t minimum_cohort = 0;
};

class aggregator_party {
  public:
    virtual ~aggregator_party() = default;
    virtual result<void> enrol(byte_view message) = 0;
    // Who is enrolled now, sorted by id.
    virtual result<std::vector<veilsum::aggregation::roster_entry>> enrolled() const = 0;
    virtual result<void> remove(const client_id& client) = 0;
    virtual result<void> open_round(const round_plan& plan) = 0;
    virtual result<bytes> receive(byte_view message, std::uint64_t now) = 0;
    virtual result<void> close(std::uint64_t now) = 0;
    virtual result<void> receive_partial(byte_view message) = 0;
    virtual result<void> finish() = 0;
    virtual result<void> end() = 0;
    virtual const digest32& session() const = 0;
    virtual const std::optional<round_outcome>& last() const = 0;
};

class client_party {
  public:
    virtual ~client_party() = default;
    virtual result<bytes> enrol() = 0;
    virtual result<bytes> leave() = 0;
    virtual result<bytes> contribute(std::span<const float> update) = 0;
    virtual result<void> confirm(byte_view receipt) const = 0;
};

class trustee_party {
  public:
    virtual ~trustee_party() = default;
    virtual result<bytes> answer() = 0;
};

// Makes parties for one key size.
class party_maker {
  public:
    virtual ~party_maker() = default;
    virtual result<void> deal(const path& folder, std::uint32_t quorum, std::uint32_t trustees) const = 0;
    virtual result<digest32> key_of_ceremony(const path& folder) const = 0;
    virtual result<std::unique_ptr<aggregator_party>> aggregator(const path& ceremony, const path& record,
                                                                 std::string origin, std::size_t values,
                                                                 const roster& members) const = 0;
    virtual result<std::unique_ptr<client_party>> client(const path& record, expectation known,
                                                         client_seed&& seed,
                                                         const std::optional<path>& outbox) const = 0;
    virtual result<std::unique_ptr<trustee_party>> trustee(const path& ceremony, std::uint32_t index,
                                                           const path& record, const path& journal) const = 0;
    virtual result<void> audit(const path& record, const std::optional<digest32>& session) const = 0;
};

const party_maker& maker_of_2048();
const party_maker& maker_of_3072();

} // namespace c_interface
