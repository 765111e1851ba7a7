// The order in which a validity submission is hashed and challenges are drawn: both sides run this and
// nothing else, so nothing can be hashed on one side only.
//
//     statement(rows digest, aud, planes, slack, cts)      1 .. 5
//     link_announcement(Y, A, Py)         -> e             6 .. 9     Kt integers of 128 bits
//     link_response(z, zr, zeta)          -> tau, gamma   10 .. 14
//     round_polynomial(P_j)               -> r_j          15          nu times
//     evaluations(V)                      -> theta        16, 17
//     final announcement T, tt            -> eps          18 .. 20    zk/linear_relation.hpp, label "fin"
//
// Every line is executed always, with empty data where an option is off. The transcript that goes in holds
// the protocol name "veilsum.validity/1" and the six context items (transcript/context.hpp), which a verifier
// takes from its own state.
//
// spec: validity proofs, section 6.2. A copy of the object after `statement` is what a prover goes back to
// when its masks were unlucky.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace veilsum::zk {

inline constexpr std::string_view validity_protocol = "veilsum.validity/1"; // protocol name of the transcript

// What the verifier's coins said.
struct validity_challenges {
    std::vector<transcript::challenge128> e; // weights of the rows in the link
    std::vector<group::scalar> row_weights;  // e as scalars
    std::vector<group::scalar> tau;          // point of the zero check, one scalar for each variable
    group::scalar gamma;                     // weight that joins the three sums
    std::vector<group::scalar> r;            // where each variable of the cube is bound
    group::scalar theta;                     // weight that joins the evaluations
    group::scalar eps;                       // challenge of the final relation
};

class validity_transcript {
  public:
    explicit validity_transcript(const transcript::context& context) : script_(validity_protocol) {
        context.absorb_into(script_);
    }

    void statement(const hash::digest64& row_digest, byte_view aud, byte_view planes, byte_view slack,
                   byte_view cts) {
        script_.absorb("rows", row_digest);
        script_.absorb("aud", aud);
        script_.absorb("planes", planes);
        script_.absorb("slack", slack);
        script_.absorb("cts", cts);
    }
    // Absorbs the announcements of the link; draws e, one for each of the rows.
    void link_announcement(byte_view Y, byte_view A, byte_view Py, std::size_t rows,
                           validity_challenges& out) {
        script_.absorb("link.Y", Y);
        script_.absorb("link.A", A);
        script_.absorb("link.P", Py);
        out.e = transcript::challenge_integers(script_, "link.e", rows);
        out.row_weights.clear();
        for (const auto& each : out.e) out.row_weights.push_back(group::scalar::from_little_endian(each));
    }
    // Absorbs the responses of the link; draws tau, one for each variable, and gamma.
    void link_response(byte_view z, byte_view zr, byte_view zeta, std::size_t variables,
                       validity_challenges& out) {
        script_.absorb("link.z", z);
        script_.absorb("link.zr", zr);
        script_.absorb("link.zeta", zeta);
        const byte_array<64> seed = script_.challenge("sc.tau");
        out.tau.resize(variables);
        for (std::size_t j = 0; j < variables; ++j)
            out.tau[j] = group::scalar::from_uniform(transcript::expand(seed, static_cast<std::uint32_t>(j)));
        out.gamma = group::scalar::from_uniform(script_.challenge("sc.gamma"));
    }
    // Absorbs P_j; draws r_j.
    void round_polynomial(byte_view P, validity_challenges& out) {
        script_.absorb("sc.P", P);
        out.r.push_back(group::scalar::from_uniform(script_.challenge("sc.r")));
    }
    // Absorbs the evaluations; draws theta.
    void evaluations(byte_view V, validity_challenges& out) {
        script_.absorb("fin.V", V);
        out.theta = group::scalar::from_uniform(script_.challenge("fin.theta"));
    }

    // For the final relation, and for the nonces of a prover.
    transcript::transcript& script() { return script_; }
    const transcript::transcript& script() const { return script_; }

  private:
    transcript::transcript script_;
};

} // namespace veilsum::zk
