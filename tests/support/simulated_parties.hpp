// The parties of simulated sessions: what is dealt once a structure of trustees, and the bytes of clients
// that follow the protocol or do not.
//
// Failures of the simulation itself (as apart from what is simulated) are exceptions: many sessions run at
// once, and the macros of the test framework are for one thread.
#pragma once

#include "support/session_instances.hpp"

#include "support/seeded_random.hpp"
#include "support/simulated_plan.hpp"

#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/trustee.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

class simulation_error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline void require(bool holds, const std::string& what) {
    if (!holds) throw simulation_error(what);
}
template <class T>
T take(result<T> made, const std::string& what) {
    if (!made) throw simulation_error(what + ": " + made.error().describe());
    return *std::move(made);
}
inline void take(result<void> made, const std::string& what) {
    if (!made) throw simulation_error(what + ": " + made.error().describe());
}

// A ceremony with the secrets of all trustees. Made once for each structure; constant afterwards.
class foundation {
  public:
    using scheme = session_scheme;

    // Thread-safe; `trustees` at most 8.
    static const foundation& of(std::uint32_t quorum, std::uint32_t trustees);
    static const std::shared_ptr<const paillier::encryptor<scheme>>& encryptor();

    const aggregation::ceremony<scheme>& ceremony() const { return ceremony_; }
    threshold::key_share<scheme> share(std::uint32_t index) const;
    sign::signing_key identity(std::uint32_t index) const;

    foundation(std::uint32_t quorum, std::uint32_t trustees);

  private:
    foundation(std::uint64_t seed, const threshold::structure& who);
    threshold::dealing<scheme> dealing_;
    std::vector<byte_array<32>> seeds_;
    aggregation::ceremony<scheme> ceremony_;
};

sign::signing_key key_of_seed(byte_array<32> seed);

constexpr std::uint64_t simulated_opening(std::size_t round) {
    return 1000 + 10'000 * round;
}
constexpr std::uint64_t simulated_closing(std::size_t round) {
    return 2000 + 10'000 * round;
}
aggregation::round_header simulated_header(const session_plan& plan, std::size_t round);

// The software of a client, honest or bent, under the client's own key.
class client_software {
  public:
    using scheme = session_scheme;

    client_software(const aggregation::round_facts& facts, const aggregation::session_header& session,
                    sign::signing_key&& identity, seeded_random& rng)
        : facts_(facts), session_(session), identity_(std::move(identity)), rng_(rng) {}

    byte_array<32> id() const { return identity_.verifying().bytes(); }
    // A body that the checks accept.
    bytes body(std::span<const std::int32_t> values) { return made(facts_, facts_.layout(), values, {}); }
    // The same, but what is encrypted is shifted: not what is committed to.
    bytes spoiled(std::span<const std::int32_t> values, const integer::bigint& shift) {
        return made(facts_, facts_.layout(), values, shift);
    }
    // For a session with another id.
    bytes of_other_session(std::span<const std::int32_t> values);
    // Suite 2: proved for a larger norm bound.
    bytes above_norm();

    aggregation::contribution_message sign(bytes body);
    aggregation::contribution_message sign(bytes body, const hash::digest64& rows);

  private:
    bytes made(const aggregation::round_facts& facts, const encoding::matrix_layout& layout,
               std::span<const std::int32_t> values, const integer::bigint& shift);

    const aggregation::round_facts& facts_;
    const aggregation::session_header& session_;
    sign::signing_key identity_;
    seeded_random& rng_;
};

} // namespace veilsum::test
