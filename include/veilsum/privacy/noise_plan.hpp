// Noise that no single client can leave out: each adds a share, and enough honest shares make the whole.
//
//     honest = clients - missing - colluding >= 1
//     discrete Gaussian: every share has variance V / honest;  the sum of `honest` shares has variance V
//     discrete Laplace:  every share is a Polya difference;    that sum has exactly scale S
//
//
// What holds. Whoever sees the opened sum, and knows the updates and shares of up to `colluding` accepted
// clients, still faces the noise of at least `honest` others, if at most `missing` of the roster do not take
// part. Noise beyond that of `honest` shares is post-processing and takes nothing away. What does not hold:
// with more missing or colluding clients there is less noise than the accountant counted, so the round must
// be refused when fewer than `smallest_cohort()` contributions were accepted, before anything is opened.
// Clients that drop out must not choose to by the noise they drew. All weights must be 1: noise that is
// multiplied by a weight lies on multiples of it and hides nothing between them.
//
// A sum of discrete Gaussians is not a discrete Gaussian, but close to one: `gap` bounds the difference, and
// the accountant charges it. The idea is that of Kairouz, Liu, Steinke, "The Distributed Discrete Gaussian
// Mechanism for Federated Learning with Secure Aggregation", 2021 (arXiv:2102.06387); the argument, with
// constants that are easier to check and no cost where shares have variance 3 or more, is in the
// specification.
//
//     noise_request wanted{mechanism::gaussian, *ratio::of(40'000), 20, 2, 4, 25'450};
//     auto plan = noise_plan::make(wanted);
//     if (auto fits = plan->fits(format); !fits) return fits.error();                  before the round opens
//     const std::uint64_t B2 = plan->noised_norm_bound(squared_norm_bound(format, d, mode));
//     auto sent = plan->add_noise(*quantise(update, format), format.value_bits, rng);  each client
//
// Who must not know what: a share of noise is as secret as the update it hides. spec: docs/spec/privacy.md,
// section 5.  Bounds are integers, rounded up. Sampling is variable time: see discrete_gaussian.hpp.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/privacy/coins.hpp>
#include <veilsum/privacy/discrete_gaussian.hpp>
#include <veilsum/privacy/polya.hpp>
#include <veilsum/privacy/ratio.hpp>
#include <veilsum/privacy/rounding.hpp>
#include <veilsum/random/random_source.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::privacy {

// Whose noise: discrete `gaussian` (shares add up to nearly one), or `laplace` (Polya shares, exactly).
enum class mechanism : std::uint8_t { gaussian = 1, laplace = 2 };

inline constexpr std::uint32_t largest_client_count = std::uint32_t{1} << 24; // 2^24
inline constexpr unsigned smallest_tail_bits = 96;                            // of a noise request
inline constexpr unsigned largest_tail_bits = 256;                            // of a noise request

// What a round asks for; checked by noise_plan::make.
struct noise_request {
    mechanism kind = mechanism::gaussian; // whose noise
    ratio amount;                // of the sum, in units of the encoding: variance (gaussian), scale (laplace)
    std::uint32_t clients = 0;   // on the roster
    std::uint32_t missing = 0;   // at most so many of them do not contribute
    std::uint32_t colluding = 0; // at most so many of the others tell the adversary their noise
    std::uint32_t dimension = 0; // values in an update
    std::uint32_t tail_bits = 128; // a bound on noise fails with probability 2^-tail_bits a client and round

    friend bool operator==(const noise_request&, const noise_request&) = default;
};

// The largest number of `clients` that is no more than `permille` / 1000 of them.
constexpr std::uint32_t permille_of(std::uint32_t clients, std::uint32_t permille) {
    return static_cast<std::uint32_t>(std::uint64_t{clients} * permille / 1000);
}

class noise_plan {
  public:
    // errc::bad_parameter, by check:
    //   1  the mechanism is known
    //   2  clients in 1..2^24
    //   3  missing + colluding < clients
    //   4  dimension in 1..2^24
    //   5  tail_bits in 96..256
    //   6  the amount can be shared and sampled: ratio.hpp, discrete_gaussian.hpp; a Gaussian share has
    //      variance >= 1/4
    //   7  the bounds on the noise: below 2^23 for one value, below 2^60 for the sum of squares
    static result<noise_plan> make(const noise_request& request) {
        const auto bad = [](std::string_view what, std::uint32_t check) {
            return error{errc::bad_parameter, what, check};
        };
        if (request.kind != mechanism::gaussian && request.kind != mechanism::laplace)
            return bad("noise mechanism", 1);
        if (request.clients < 1 || request.clients > largest_client_count) return bad("noise clients", 2);
        if (std::uint64_t{request.missing} + request.colluding >= request.clients)
            return bad("no honest client is left to add noise", 3);
        if (request.dimension < 1 || request.dimension > encoding::largest_dimension)
            return bad("noise dimension", 4);
        if (request.tail_bits < smallest_tail_bits || request.tail_bits > largest_tail_bits)
            return bad("noise tail_bits", 5);
        noise_plan plan(request);
        if (request.kind == mechanism::gaussian) {
            auto share = request.amount.over(plan.honest());
            if (!share) return bad("share of the variance cannot be sampled", 6);
            auto sampler = discrete_gaussian::of(*share);
            if (!sampler || double_word{4} * share->numerator() < share->denominator())
                return bad("share of the variance cannot be sampled", 6);
            plan.gaussian_ = *sampler;
        } else {
            plan.laplace_ = polya_difference(request.amount, plan.honest());
        }
        const double_word tail = plan.value_tail();
        if (tail >> 23 != 0) return bad("noise does not fit into any encoding", 7);
        plan.tail_ = static_cast<std::uint64_t>(tail);
        const double_word squares = plan.squares_tail();
        if (squares >> 60 != 0) return bad("noise does not fit into any encoding", 7);
        plan.squares_ = static_cast<std::uint64_t>(squares);
        return plan;
    }

    const noise_request& request() const { return request_; } // as it was checked
    // Shares that make the whole.
    std::uint32_t honest() const { return request_.clients - request_.missing - request_.colluding; }
    // With fewer accepted contributions nothing may be opened.
    std::uint32_t smallest_cohort() const { return request_.clients - request_.missing; }

    // lambda with P[some |z_j| > lambda] <= 2^-tail_bits over all values of one client.
    //   Gaussian: a discrete Gaussian is subgaussian (CKS 2020), P[|z| >= l] <= 2 exp(-l^2 / (2 v)).
    //   Laplace: P[|z| >= l] <= 2 exp(-l / scale), since a share is a difference of variables that a
    //   geometric one dominates.
    std::uint64_t largest_noise() const { return tail_; }

    // Does every clipped update and its noise fit into value_bits? Checks 1 to 3 are those of fixed_point,
    // 4: clip_l2 2^scale_bits + 1 + largest_noise() <= 2^(b-1) - 1. Then add_noise refuses with probability
    // 2^-tail_bits at most.
    result<void> fits(const encoding::fixed_point& format) const {
        if (auto usable = format.check_ranges(); !usable) return usable;
        if (!(format.clip_l2 * format.scale() + 1.0 + static_cast<double>(tail_) <= format.largest_value()))
            return error{errc::bad_parameter, "clipped values and noise do not fit into value_bits", 4};
        return {};
    }

    // B2 for a round whose updates have squared norm at most `squared_norm` (< 2^50) before noise: with
    // probability 1 - 2^-tail_bits an update x with noise z stays within it.
    //   Gaussian: |x + z|^2 = |x|^2 + 2 <x, z> + |z|^2. With X >= (tail_bits + 1) ln 2 and v the variance of
    //   a share, <x, z> >= |x| sqrt(2 v X) has probability exp(-X) at most, and so has
    //   |z|^2 >= v (d + 2 sqrt(d X) + 2 X) (Laurent, Massart 2000, lemma 1, whose proof needs no more of the
    //   squares than the bound on their moments that subgaussian variables obey).
    //   Laplace: |z|^2 <= d lambda^2, and the triangle inequality.
    std::uint64_t noised_norm_bound(std::uint64_t squared_norm) const {
        expects(squared_norm >> 50 == 0);
        if (!gaussian_) // 2^(2 + 50 + 60)
            return squared_norm + squares_ + ceil_sqrt(double_word{4} * squared_norm * squares_);
        const double_word x = tail_exponent(request_.tail_bits + 1);
        const double_word num = gaussian_->variance().numerator(), den = gaussian_->variance().denominator();
        return squared_norm + squares_ +
               ceil_sqrt(ceil_divide(8 * squared_norm * num * x, den)); // 2^(3+50+54+8)
    }

    // The update with this client's noise, to be committed and encrypted. errc::overflow, place "noised
    // update": a sum left the range of value_bits; nothing is wrapped, the noise is wiped, and which value it
    // was stays unknown. The client then does not take part in this round: to draw again would be to choose
    // noise by its size. `update` comes from quantise and has `dimension` values.
    template <random::random_source Source>
    result<secret<std::vector<std::int32_t>>> add_noise(std::span<const std::int32_t> update,
                                                        unsigned value_bits, Source& rng) const {
        expects(update.size() == request_.dimension);
        expects(value_bits >= encoding::smallest_value_bits && value_bits <= encoding::largest_value_bits);
        const std::int64_t end = std::int64_t{1} << (value_bits - 1);
        secret<std::vector<std::int32_t>> noised(std::vector<std::int32_t>(update.size()));
        coins flip(rng);
        bool fits = true;
        for (std::size_t j = 0; j < update.size(); ++j) {
            const std::int64_t value = update[j] + sample(flip);
            const bool inside = value >= -end && value < end;
            noised.expose()[j] = inside ? static_cast<std::int32_t>(value) : 0;
            fits &= inside;
        }
        if (!fits)
            return error{errc::overflow, "update with noise does not fit into value_bits"}.at(
                "noised update");
        return noised;
    }

    // One value of one client's share.
    template <random::random_source Source>
    std::int64_t sample(coins<Source>& flip) const {
        return gaussian_ ? gaussian_->sample(flip) : laplace_->sample(flip);
    }

    // tau, in units of 2^-64, rounded up; empty above 1/16. The probabilities of the sum of `honest` shares
    // are within a factor exp(+-tau/2) of those of the discrete Gaussian of the same variance. 0 for one
    // share.
    //     tau = 10 sum_{k=1}^{honest-1} exp(-2 pi^2 v k/(k+1)),   2 pi^2 / ln 2 > 28.477
    // Each term is rounded up to a power of two; from k = 17 on all are counted like the 17th.
    std::optional<std::uint64_t> gap() const {
        if (!gaussian_) return 0;
        const double_word num = gaussian_->variance().numerator(), den = gaussian_->variance().denominator();
        double_word sum = 0;
        constexpr std::uint32_t last = 17;
        for (std::uint32_t k = 1; k < honest() && k <= last; ++k) {
            const double_word bits = 28477 * num * k / (1000 * den * (k + 1));
            const double_word term = bits >= 64 ? 1 : double_word{1} << (64 - static_cast<unsigned>(bits));
            sum += term * (k == last ? honest() - last : 1);
        }
        if (10 * sum >> 60 != 0) return std::nullopt;
        return static_cast<std::uint64_t>(10 * sum);
    }

  private:
    explicit noise_plan(const noise_request& request) : request_(request) {}

    // bits ln 2 rounded up to an integer: ln 2 < 710/1024.
    static std::uint64_t tail_exponent(unsigned bits) {
        return static_cast<std::uint64_t>(ceil_divide(710 * double_word{bits}, 1024));
    }
    double_word value_tail() const {
        const auto log_dimension = static_cast<unsigned>(std::bit_width(request_.dimension));
        const double_word x = tail_exponent(request_.tail_bits + 1 + log_dimension);
        if (gaussian_)
            return ceil_sqrt(
                ceil_divide(2 * x * gaussian_->variance().numerator(), gaussian_->variance().denominator()));
        return ceil_divide(x * request_.amount.numerator(), request_.amount.denominator());
    }

    // A bound on |z|^2 of one client's noise.
    double_word squares_tail() const {
        const double_word d = request_.dimension;
        if (!gaussian_) return d * tail_ * tail_;
        const double_word x = tail_exponent(request_.tail_bits + 1);
        return ceil_divide(gaussian_->variance().numerator() * (d + 2 * ceil_sqrt(d * x) + 2 * x),
                           gaussian_->variance().denominator());
    }

    noise_request request_;
    std::optional<discrete_gaussian> gaussian_;
    std::optional<polya_difference> laplace_;
    std::uint64_t tail_ = 0;
    std::uint64_t squares_ = 0;
};

} // namespace veilsum::privacy
