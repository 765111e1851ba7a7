// Simulators: what zero knowledge means, as code. From a statement, a challenge and a response, but without
// any witness, the announcement that makes a conversation accepted. With a challenge and a response drawn as
// the protocol's header says, such a conversation has the distribution of a real one.
//
//     simulator<P>::draw_response(statement, rng)                      uniform where real responses are
//     simulator<P>::announcement_for(statement, challenge, response)   the only honest one
#pragma once

#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/equal_exponent.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>
#include <veilsum/zk/response_window.hpp>

#include <cstddef>

namespace veilsum::test {

template <class Protocol>
struct simulator;

template <class Source>
integer::bigint draw_in(const zk::response_window& window, Source& rng) {
    const integer::bigint end = integer::bigint(1) << window.mask_bits();
    return window.minimum() + integer::random_below(end - window.minimum(), rng);
}

template <class Scheme, class Policy>
struct simulator<zk::plaintext_knowledge<Scheme, Policy>> {
    using protocol = zk::plaintext_knowledge<Scheme, Policy>;

    template <class Source>
    static typename protocol::response draw_response(const typename protocol::statement& claim, Source& rng) {
        return {integer::random_below(claim.key().n_to_s(), rng), draw_in(claim.window(), rng)};
    }
    // A = (1+n)^z h_s^zeta prod c_k^-e_k, by plain arithmetic.
    static typename protocol::announcement announcement_for(const typename protocol::statement& claim,
                                                            const typename protocol::challenge& e,
                                                            const typename protocol::response& answer) {
        const auto& key = claim.key();
        const integer::bigint& modulus = key.modulus();
        integer::bigint A = power_vartime(key.n() + 1, answer.z, modulus) *
                            power_vartime(key.residue_base(), answer.zeta, modulus) % modulus;
        for (std::size_t k = 0; k < claim.size(); ++k) {
            const auto power = power_vartime(claim.ciphertexts()[k], zk::to_integer(e[k]), modulus);
            A = A * *invert(power, modulus) % modulus;
        }
        auto value = key.arithmetic().make(1);
        key.arithmetic().set(value, 0, A);
        return {paillier::ciphertext_vector<Scheme>::from_residues(key, std::move(value))};
    }
};

template <class Engine>
struct simulator<zk::equal_exponent<Engine>> {
    using protocol = zk::equal_exponent<Engine>;

    template <class Source>
    static typename protocol::response draw_response(const typename protocol::statement& claim, Source& rng) {
        return {draw_in(claim.window(), rng)};
    }
    // A = a^z b^-e, B = v^z w^-e.
    static typename protocol::announcement announcement_for(const typename protocol::statement& claim,
                                                            const typename protocol::challenge& e,
                                                            const typename protocol::response& answer) {
        const integer::bigint& modulus = claim.ring().modulus();
        const auto quotient = [&](const integer::bigint& base, const integer::bigint& power) {
            const auto divisor = power_vartime(power, zk::to_integer(e), modulus);
            return power_vartime(base, answer.z, modulus) * *invert(divisor, modulus) % modulus;
        };
        return {quotient(claim.a(), claim.b()), quotient(claim.v(), claim.w())};
    }
};

} // namespace veilsum::test
