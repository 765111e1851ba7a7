// A budget of privacy, what rounds spent of it, and the refusal of the round that would pass it.
//
//     accountant book = *accountant::open({scope, neighbours::removed, 3 * micro, atto / 1'000'000});
//     const std::uint64_t norm = encoding::squared_norm_bound(...);   of an update without noise
//     auto cost = book.would_spend(*plan, norm);
//     auto spent = book.charge(round, *plan, norm);   errc::refused: do not open the round
//     bytes ledger = book.encode();                   accountant::decode computes every figure again
//
// Neighbours are two runs that differ in one client's update: `removed` (replaced by the zero vector; who is
// on the roster is public anyway) with L2 sensitivity D = sqrt(norm), or `replaced` by another update, with
// D = 2 sqrt(norm). `norm` bounds the sum of squares of every honest client's quantised update:
// (clip_l2 2^scale_bits + e sqrt(d))^2 rounded up (encoding/fixed_point.hpp), so clipping and the rounding of
// the encoding are both in it. L1 sensitivity: floor(sqrt(d) D).
//
//     gaussian, V over the honest shares:  rho = D^2 / (2 V) + 33 gap d        (noise_plan.hpp)
//     laplace, scale S:                    epsilon = floor(sqrt(d D^2)) / S
//
// A round is charged when it is opened, before anybody encrypts, whether or not it gives a result. Every
// figure is an integer rounded up, so a reader of the ledger computes them again and compares: a ledger that
// spends less than its parameters say does not decode. What the accountant cannot see: other releases about
// the same data. A scope (32 bytes that the deployment chooses) names whose data a ledger is about.
//
//      frame type 24, version 1 (wire/frame.hpp), body:
//      32      1           8             8          4      67 each
//     +-------+-----------+-------------+----------+------+---------
//     | scope | neighbours| epsilon     | delta    |count | entries
//     |       | u8        | micro, u64  | atto, u64| u32  |
//     +-------+-----------+-------------+----------+------+---------
//      8     1         8         8           4       4       4         4         2         8    8    8
//     +-----+---------+---------+-----------+-------+-------+---------+---------+---------+----+----+-----+
//     |round|mechanism|amount   |amount     |clients|missing|colluding|dimension|tail bits|norm|cost|spent|
//     |     |         |numerator|denominator|       |       |         |         |         |    |    |     |
//     +-----+---------+---------+-----------+-------+-------+---------+---------+---------+----+----+-----+
//
// cost: rho in units of 10^-12 (gaussian) or epsilon in units of 10^-6 (laplace). spent: epsilon of all
// rounds so far, in units of 10^-6.  spec: docs/spec/privacy.md, sections 6 to 8
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/privacy/composition.hpp>
#include <veilsum/privacy/noise_plan.hpp>
#include <veilsum/privacy/ratio.hpp>
#include <veilsum/privacy/rounding.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::privacy {

inline constexpr std::uint16_t ledger_version = 1;          // in the frame
inline constexpr std::uint32_t most_ledger_entries = 16384; // rounds of one ledger
inline constexpr std::size_t ledger_head_bytes = 53;        // before the entries
inline constexpr std::size_t ledger_entry_bytes = 67;       // of one entry
inline constexpr unsigned largest_norm_bits = 50;           // of the bound on a sum of squares
// Noise P of which every value is within exp(+-tau/2) of a discrete Gaussian G: with d values and order a,
// D_a(P) <= D_a(G) + tau d + tau d / (2 (a - 1)) <= a (rho + 33 tau d) for a >= 1 + 1/64, the orders in use.
inline constexpr double_word gap_factor = 33;

// Which two runs must look alike: an update is `removed` (zero instead) or `replaced` by another.
enum class neighbours : std::uint8_t { removed = 1, replaced = 2 };

// The budget, fixed before the first round.
struct privacy_terms {
    byte_array<32> scope{};                    // whose data the ledger is about
    neighbours relation = neighbours::removed; // two runs that must look alike
    std::uint64_t epsilon_micro = 0;           // 1 .. 10^9
    std::uint64_t delta_atto = 0;              // 0 .. 10^18 - 1; 0 allows Laplace noise only

    friend bool operator==(const privacy_terms&, const privacy_terms&) = default;
};

// What one round spent; `round` is the round's number.
struct ledger_entry {
    std::uint64_t round;
    noise_request noise;        // what was planned
    std::uint64_t squared_norm; // bound on the sum of squares of an update without noise
    std::uint64_t cost;         // rho in 10^-12 (gaussian), epsilon in 10^-6 (laplace)
    std::uint64_t spent_micro;  // epsilon of all rounds so far, in 10^-6

    friend bool operator==(const ledger_entry&, const ledger_entry&) = default;
};

// What one round costs by itself: rho in 10^-12 (gaussian) or epsilon in 10^-6 (laplace), rounded up.
// 1 <= squared_norm < 2^50. errc::bad_parameter: the shares of a Gaussian are so small that their sum is no
// Gaussian (gap above 1/16), or the cost is above 1000.
inline result<std::uint64_t> cost_of(const noise_plan& plan, std::uint64_t squared_norm,
                                     neighbours relation) {
    expects(squared_norm >= 1 && squared_norm >> largest_norm_bits == 0);
    const double_word sensitivity = double_word{squared_norm} * (relation == neighbours::replaced ? 4 : 1);
    const ratio& amount = plan.request().amount;
    const std::uint64_t d = plan.request().dimension;
    const bool gaussian = plan.request().kind == mechanism::gaussian;
    // ceil(unit top / bottom), in two steps: the product would not fit
    const double_word top = (gaussian ? sensitivity : floor_sqrt(d * sensitivity)) * amount.denominator();
    const double_word bottom = (gaussian ? double_word{2} : double_word{1}) * amount.numerator();
    const std::uint64_t unit = gaussian ? pico : micro;
    const double_word whole = top / bottom;
    const error too_much{errc::bad_parameter, "round spends more privacy than can be counted"};
    if (whole > 1000) return too_much;
    double_word cost = whole * unit + ceil_divide(top % bottom * unit, bottom);
    if (gaussian) {
        const auto gap = plan.gap();
        if (!gap) return error{errc::bad_parameter, "shares of noise are too small to count on their sum"};
        const double_word scaled = ceil_divide(gap_factor * *gap * d, double_word{1} << 24); // units of 2^-40
        cost += ceil_divide(scaled * pico, double_word{1} << 40);
    }
    if (cost > 1000 * double_word{unit}) return too_much;
    return static_cast<std::uint64_t>(cost);
}

class accountant {
  public:
    // errc::bad_parameter: 1 the relation is known, 2 epsilon in its range, 3 delta in its range.
    static result<accountant> open(const privacy_terms& terms) {
        if (terms.relation != neighbours::removed && terms.relation != neighbours::replaced)
            return error{errc::bad_parameter, "relation of neighbours", 1};
        if (terms.epsilon_micro < 1 || terms.epsilon_micro > largest_epsilon)
            return error{errc::bad_parameter, "budget of epsilon", 2};
        if (terms.delta_atto >= atto) return error{errc::bad_parameter, "budget of delta", 3};
        return accountant(terms);
    }

    const privacy_terms& terms() const { return terms_; }                 // the budget
    const std::vector<ledger_entry>& entries() const { return entries_; } // in the order of the rounds
    // Epsilon of all rounds so far at the budget's delta.
    std::uint64_t spent_micro() const { return entries_.empty() ? 0 : entries_.back().spent_micro; }

    // Epsilon of all rounds so far and this one; errc::bad_parameter as in cost_of, errc::refused when it
    // cannot be said at the budget's delta. Says nothing about the budget.
    result<std::uint64_t> would_spend(const noise_plan& plan, std::uint64_t squared_norm) const {
        auto cost = cost_of(plan, squared_norm, terms_.relation);
        if (!cost) return cost.error();
        spending after = spent_;
        return spent_with(after, plan.request().kind, *cost);
    }

    // Books a round. On an error nothing changes. Checks:
    //   1  fewer than 16384 entries        refused      3  the cost can be counted       bad_parameter
    //   2  the round is above the last     duplicate    4  spent stays within budget     refused, with
    //   figures
    result<ledger_entry> charge(std::uint64_t round, const noise_plan& plan, std::uint64_t squared_norm) {
        const auto place = [round] { return "round " + std::to_string(round); };
        if (entries_.size() >= most_ledger_entries)
            return error{errc::refused, "privacy ledger is full", 1}.at(place());
        if (!entries_.empty() && round <= entries_.back().round)
            return error{errc::duplicate, "round is not above the last one charged", 2}.at(place());
        auto cost = cost_of(plan, squared_norm, terms_.relation);
        if (!cost) return std::move(cost).error().in_check(3).at(place());
        spending after = spent_;
        auto spent = spent_with(after, plan.request().kind, *cost);
        if (!spent) return std::move(spent).error().in_check(4).at(place());
        if (*spent > terms_.epsilon_micro)
            return error{errc::refused, "privacy budget", 4}.at(place() + ": epsilon " + decimal(*spent) +
                                                                " of " + decimal(terms_.epsilon_micro) +
                                                                ", " + decimal(spent_micro()) + " before");
        const ledger_entry entry{round, plan.request(), squared_norm, *cost, *spent};
        entries_.push_back(entry);
        spent_ = std::move(after);
        return entry;
    }

    // How many further rounds like this one the budget allows, at most `most` (and what the ledger holds).
    std::uint32_t rounds_left(const noise_plan& plan, std::uint64_t squared_norm, std::uint32_t most) const {
        auto cost = cost_of(plan, squared_norm, terms_.relation);
        if (!cost) return 0;
        std::uint32_t low = 0, high = std::min(most, most_ledger_entries -
                                                         static_cast<std::uint32_t>(entries_.size()));
        while (low < high) {
            const std::uint32_t middle = high - (high - low) / 2;
            if (allows(plan.request().kind, *cost, middle))
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    // A Gaussian plan with (nearly) the smallest variance that lets `rounds` (1..16384) further equal rounds
    // pass; `request` says everything but kind and amount. The variance of a share is a multiple of 1/16.
    // errc::refused: no noise that fits into an encoding does. Errors of noise_plan::make.
    result<noise_plan> plan_for(noise_request request, std::uint64_t squared_norm,
                                std::uint32_t rounds) const {
        expects(rounds >= 1 && rounds <= most_ledger_entries);
        request.kind = mechanism::gaussian;
        request.amount = *ratio::of(1);
        std::optional<noise_plan> best;
        const auto enough = [&](std::uint64_t sixteenths) -> result<bool> {
            const std::uint32_t honest = request.clients - request.missing - request.colluding;
            auto amount = ratio::of(sixteenths * honest, 16);
            if (!amount) return amount.error();
            request.amount = *amount;
            auto plan = noise_plan::make(request);
            if (!plan) return plan.error();
            auto cost = cost_of(*plan, squared_norm, terms_.relation);
            if (!cost || !allows(mechanism::gaussian, *cost, rounds)) return false;
            best = *std::move(plan);
            return true;
        };
        if (std::uint64_t{request.missing} + request.colluding >= request.clients ||
            request.clients > largest_client_count)
            return noise_plan::make(request).error();
        std::uint64_t high = 4, low = 3; // `low` is not enough; a share below 1/4 is none
        for (;; high *= 2) {
            auto verdict = enough(high);
            if (!verdict && high == 4) return verdict.error();
            if (!verdict)
                return error{errc::refused, "no noise that fits into an encoding keeps the budget", 4};
            if (*verdict) break;
            low = high;
        }
        while (high - low > 1) {
            const std::uint64_t middle = low + (high - low) / 2;
            auto verdict = enough(middle);
            if (verdict && *verdict)
                high = middle;
            else
                low = middle;
        }
        static_cast<void>(enough(high));
        return *std::move(best);
    }

    // The canonical ledger in its frame.
    bytes encode() const {
        wire::writer out(ledger_head_bytes + ledger_entry_bytes * entries_.size());
        out.fixed(terms_.scope);
        out.u8(static_cast<std::uint8_t>(terms_.relation));
        out.u64(terms_.epsilon_micro);
        out.u64(terms_.delta_atto);
        out.u32(static_cast<std::uint32_t>(entries_.size()));
        for (const ledger_entry& entry : entries_) {
            out.u64(entry.round);
            out.u8(static_cast<std::uint8_t>(entry.noise.kind));
            out.u64(entry.noise.amount.numerator());
            out.u64(entry.noise.amount.denominator());
            out.u32(entry.noise.clients);
            out.u32(entry.noise.missing);
            out.u32(entry.noise.colluding);
            out.u32(entry.noise.dimension);
            out.u16(static_cast<std::uint16_t>(entry.noise.tail_bits));
            out.u64(entry.squared_norm);
            out.u64(entry.cost);
            out.u64(entry.spent_micro);
        }
        return wire::frame(wire::message_type::privacy_ledger, ledger_version, out.view());
    }

    // A ledger whose every figure was computed again. Checks, with the place "entry 3" from 4 on:
    //   1  frame                                       5  norm in 1 .. 2^50 - 1         out_of_range
    //   2  body follows the format                     6  rounds ascend                 duplicate
    //   3  terms: accountant::open                     7  cost                          mismatch
    //   4  amount in lowest terms; noise_plan::make    8  spent; within the budget      mismatch, refused
    static result<accountant> decode(byte_view data) {
        auto read = read_form(data);
        if (!read) return read.error();
        auto book = open(read->terms);
        if (!book) return std::move(book).error().in_check(3);
        return std::move(*book).replayed(read->entries);
    }

    // A ledger that is `before` with one entry more; without `before`, the first entry of a new one. Only
    // that entry is computed again, so that somebody else's ledger costs no more than the round that it is
    // for. Checks of `decode` for it, 1 to 3 first; then 9: the terms, and the entries so far, are those of
    // `before` (mismatch). Cost: a comparison of the entries, and one charge.
    static result<accountant> decode_next(byte_view data, const accountant* before) {
        auto read = read_form(data);
        if (!read) return read.error();
        auto book = before == nullptr ? open(read->terms) : result<accountant>(*before);
        if (!book) return std::move(book).error().in_check(3);
        if (!(read->terms == book->terms_)) return error{errc::mismatch, "terms of the privacy budget", 9};
        const bytes known = book->encode();
        const byte_view past = byte_view(known).subspan(wire::frame_header_bytes + ledger_head_bytes);
        if (read->entries.size() != past.size() + ledger_entry_bytes ||
            !equal(read->entries.first(past.size()), past))
            return error{errc::mismatch, "privacy ledger does not continue the last one", 9};
        return std::move(*book).replayed(read->entries.subspan(past.size()));
    }

  private:
    explicit accountant(const privacy_terms& terms) : terms_(terms) {}

    struct unread {
        privacy_terms terms;
        byte_view entries; // whole ones, of the data
    };
    static result<unread> read_form(byte_view data) {
        constexpr std::size_t cap = ledger_head_bytes + ledger_entry_bytes * most_ledger_entries;
        auto body = wire::unframe(data, wire::message_type::privacy_ledger, ledger_version, cap);
        if (!body) return std::move(body).error().in_check(1);
        wire::reader in(*body);
        unread out;
        out.terms.scope = in.array<32>();
        out.terms.relation = static_cast<neighbours>(in.u8());
        out.terms.epsilon_micro = in.u64();
        out.terms.delta_atto = in.u64();
        const std::size_t count = in.count(most_ledger_entries, ledger_entry_bytes);
        out.entries = in.fixed(count * ledger_entry_bytes);
        if (auto end = in.finish(); !end) return std::move(end).error().in_check(2);
        return out;
    }
    // This ledger and further entries.
    result<accountant> replayed(byte_view entries) && {
        for (; !entries.empty(); entries = entries.subspan(ledger_entry_bytes)) {
            const std::string place = "entry " + std::to_string(entries_.size());
            if (auto read = replay(entries.first(ledger_entry_bytes)); !read)
                return std::move(read).error().at(place);
        }
        return std::move(*this);
    }

    // Adds a round to `after` and says what is spent then.
    result<std::uint64_t> spent_with(spending& after, mechanism kind, std::uint64_t cost) const {
        const bool counted =
            kind == mechanism::gaussian ? after.add_concentrated(cost) : after.add_pure(cost);
        const auto spent = counted ? after.epsilon_micro(terms_.delta_atto) : std::nullopt;
        if (!spent) return error{errc::refused, "no epsilon below 1000 can be stated for this delta"};
        return *spent;
    }
    bool allows(mechanism kind, std::uint64_t cost, std::uint32_t rounds) const {
        spending after = spent_;
        for (std::uint32_t k = 0; k < rounds; ++k)
            if (!(kind == mechanism::gaussian ? after.add_concentrated(cost) : after.add_pure(cost)))
                return false;
        const auto spent = after.epsilon_micro(terms_.delta_atto);
        return spent && *spent <= terms_.epsilon_micro;
    }

    result<void> replay(byte_view data) {
        wire::reader in(data);
        const std::uint64_t round = in.u64();
        const auto kind = static_cast<mechanism>(in.u8());
        const std::uint64_t numerator = in.u64(), denominator = in.u64();
        auto amount = ratio::of(numerator, denominator);
        if (!amount) return std::move(amount).error().in_check(4);
        if (amount->numerator() != numerator)
            return error{errc::malformed, "amount of noise is not in lowest terms", 4};
        noise_request noise{kind, *amount};
        noise.clients = in.u32();
        noise.missing = in.u32();
        noise.colluding = in.u32();
        noise.dimension = in.u32();
        noise.tail_bits = in.u16();
        const std::uint64_t norm = in.u64(), cost = in.u64(), spent = in.u64();
        expects(in.finish().has_value());
        auto plan = noise_plan::make(noise);
        if (!plan) return std::move(plan).error().in_check(4);
        if (norm == 0 || norm >> largest_norm_bits != 0)
            return error{errc::out_of_range, "norm in the ledger", 5};
        auto charged = charge(round, *plan, norm);
        if (!charged) {
            const std::uint32_t check = charged.error().check; // 1: cannot be, the count was capped
            return std::move(charged).error().in_check(check == 2 ? 6 : check == 3 ? 7 : 8);
        }
        if (charged->cost != cost) return error{errc::mismatch, "cost in the ledger", 7};
        if (charged->spent_micro != spent) return error{errc::mismatch, "spent epsilon in the ledger", 8};
        return {};
    }

    // As "1.250000".
    static std::string decimal(std::uint64_t millionths) {
        const std::string digits = std::to_string(micro + millionths % micro);
        return std::to_string(millionths / micro) + "." + digits.substr(1);
    }

    privacy_terms terms_;
    std::vector<ledger_entry> entries_;
    spending spent_;
};

} // namespace veilsum::privacy
