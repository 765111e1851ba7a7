// Who can open: any `quorum` of `trustees`, and the numbers that follow from it.
//
//     1 <= quorum <= trustees <= 64,     indices 1..trustees,     Delta = trustees!
//
// Delta clears the denominators of Lagrange interpolation over the integers (integer/shamir.hpp); nobody
// knows the order of the group, so they cannot be inverted. 64! has 296 bits, which is what it costs:
// exponents of partial decryptions are that much longer.
//
// A quorum of 1 is allowed and says that each trustee alone can open everything.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/shamir.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace veilsum::threshold {

// "trustee 2": how errors name a culprit.
inline std::string name_of(party_id trustee) {
    return "trustee " + std::to_string(trustee.index());
}

class structure {
  public:
    // The largest l.
    static constexpr std::uint32_t max_trustees = 64;
    // bitlen(64!)
    static constexpr std::size_t max_delta_bits = 296;

    static result<structure> create(std::uint32_t quorum, std::uint32_t trustees) {
        if (trustees < 1 || trustees > max_trustees)
            return error{errc::bad_parameter, "number of trustees: 1 to 64"};
        if (quorum < 1 || quorum > trustees)
            return error{errc::bad_parameter, "quorum: 1 to the number of trustees"};
        return structure(quorum, trustees);
    }

    std::uint32_t quorum() const { return quorum_; }     // t: trustees that open together
    std::uint32_t trustees() const { return trustees_; } // l
    // l!
    const integer::bigint& delta() const { return delta_; }
    // bitlen(l!).
    std::size_t delta_bits() const { return delta_.bit_length(); }
    bool contains(party_id trustee) const { return trustee.index() <= trustees_; }

    bool operator==(const structure& other) const {
        return quorum_ == other.quorum_ && trustees_ == other.trustees_;
    }

  private:
    structure(std::uint32_t quorum, std::uint32_t trustees)
        : quorum_(quorum), trustees_(trustees), delta_(integer::factorial(trustees)) {}
    std::uint32_t quorum_, trustees_;
    integer::bigint delta_;
};

} // namespace veilsum::threshold
