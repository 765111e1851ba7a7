// Simulators of the proofs about keys: conversations from the statement alone, without a factor or a root.
// For the hashed proofs the simulator chooses the challenge, as a programmable random oracle lets it.
#pragma once

#include "support/simulators.hpp"

#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/zk/auxiliary_modulus.hpp>
#include <veilsum/zk/blum_modulus.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/coprime_modulus.hpp>
#include <veilsum/zk/no_small_factor.hpp>
#include <veilsum/zk/residue_root.hpp>

#include <cstddef>
#include <utility>

namespace veilsum::test {

template <class Scheme>
struct simulator<zk::residue_root<Scheme>> {
    using protocol = zk::residue_root<Scheme>;

    template <class Source>
    static typename protocol::response draw_response(const typename protocol::statement& claim, Source& rng) {
        return {integer::random_unit(claim.key().n(), rng)};
    }
    // A = z^(n^s) h^-e.
    static typename protocol::announcement announcement_for(const typename protocol::statement& claim,
                                                            const typename protocol::challenge& e,
                                                            const typename protocol::response& answer) {
        const integer::bigint& modulus = claim.key().modulus();
        const auto power = power_vartime(claim.h(), zk::to_integer(e), modulus);
        return {power_vartime(answer.z, claim.key().n_to_s(), modulus) * *invert(power, modulus) % modulus};
    }
};

template <class Scheme>
struct simulator<zk::no_small_factor<Scheme>> {
    using protocol = zk::no_small_factor<Scheme>;
    using bigint = integer::bigint;

    template <class Source>
    static typename protocol::response draw_response(Source& rng) {
        return {draw_in(protocol::z_window(), rng), draw_in(protocol::z_window(), rng),
                draw_in(protocol::w_window(), rng), draw_in(protocol::w_window(), rng),
                draw_in(protocol::v_window(), rng)};
    }
    // P or Q of a simulated conversation: a power of t.
    template <class Source>
    static bigint draw_commitment(Source& rng) {
        const auto& aux = zk::auxiliary_modulus::instance();
        return power_vartime(aux.t(), integer::random_bits(protocol::hiding_bits, rng), aux.modulus());
    }
    // A = s^z1 t^w1 P^-e,  B = s^z2 t^w2 Q^-e,  T = Q^z1 s^(-n e) t^-v.
    static typename protocol::announcement announcement_for(const typename protocol::statement& claim,
                                                            bigint P, bigint Q,
                                                            const typename protocol::challenge& challenge,
                                                            const typename protocol::response& answer) {
        const auto& aux = zk::auxiliary_modulus::instance();
        const auto raise = [&](const bigint& base, const bigint& exponent) {
            return power_vartime(base, exponent, aux.modulus());
        };
        const auto inverse = [&](const bigint& element) { return *invert(element, aux.modulus()); };
        const bigint e = zk::to_integer(challenge);
        typename protocol::announcement first;
        first.A = aux.multiply(aux.multiply(raise(aux.s(), answer.z1), raise(aux.t(), answer.w1)),
                               inverse(raise(P, e)));
        first.B = aux.multiply(aux.multiply(raise(aux.s(), answer.z2), raise(aux.t(), answer.w2)),
                               inverse(raise(Q, e)));
        first.T =
            aux.multiply(raise(Q, answer.z1),
                         inverse(aux.multiply(raise(aux.s(), claim.key.n() * e), raise(aux.t(), answer.v))));
        first.P = std::move(P);
        first.Q = std::move(Q);
        return first;
    }
};

// y_i = x_i^n for random units x_i.
template <class Scheme>
struct simulator<zk::coprime_modulus<Scheme>> {
    using protocol = zk::coprime_modulus<Scheme>;
    struct conversation {
        typename protocol::challenge units;
        typename protocol::proof proof;
    };
    template <class Source>
    static conversation draw(const typename protocol::statement& claim, Source& rng) {
        const integer::bigint& n = claim.key.n();
        conversation made;
        for (auto& root : made.proof.roots) {
            root = integer::random_unit(n, rng);
            made.units.push_back(power_vartime(root, n, n));
        }
        return made;
    }
};

// y_i = (-1)^a w^-b x^4 for a random w, squares x and random bits.
template <class Scheme>
struct simulator<zk::blum_modulus<Scheme>> {
    using protocol = zk::blum_modulus<Scheme>;
    struct conversation {
        typename protocol::challenge units;
        typename protocol::proof proof;
    };
    template <class Source>
    static conversation draw(const typename protocol::statement& claim, Source& rng) {
        const integer::bigint& n = claim.key.n();
        conversation made;
        integer::bigint& w = made.proof.announcement.w;
        do w = integer::random_unit(n, rng);
        while (mpz_jacobi(w.get(), n.get()) != -1);
        for (auto& root : made.proof.roots) {
            const integer::bigint unit = integer::random_unit(n, rng);
            root.x = unit * unit % n;
            root.negated = integer::random_bits(1, rng).is_odd();
            root.shifted = integer::random_bits(1, rng).is_odd();
            integer::bigint y = power_vartime(root.x, 4, n);
            if (root.shifted) y = y * *invert(w, n) % n;
            made.units.push_back(root.negated ? n - y : y);
        }
        return made;
    }
};

} // namespace veilsum::test
