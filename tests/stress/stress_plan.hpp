// What everybody does in a stress run, drawn from one seed: each process of the run derives the same plan.
//
//     a tenth of the roster is silent; one in a hundred cheats, but at least one client for each way to
//     cheat; strangers and framers send too; the rest is honest, each with an identity and an update of its
//     own
//
// Updates are small multiples of the unit of the encoding, below the norm bound, so that what they sum to
// needs nothing of the library: no rounding, no clipping.
#pragma once

#include "support/seeded_random.hpp"
#include "support/simulated_plan.hpp"

#include <veilsum/core/error.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::stress {

using test::client_kind;
using test::outsider_kind;

struct parameters {
    std::filesystem::path folder;
    std::uint32_t clients = 0;
    std::uint32_t dimension = 0;
    std::uint32_t modulus = 0;
    std::uint32_t trustee = 0; // whose part is played, if a trustee's
    std::uint64_t seed = 1;
    std::string planted; // what the referee is to expect wrongly, so that one sees that it notices

    std::filesystem::path record() const { return folder / "record"; }
    std::filesystem::path keys() const { return folder / "keys"; }
};

// The clock of the run: second 0 of the round, its end, and a message's own second.
inline constexpr std::uint64_t opening_time = 1'000'000, closing_time = 2'000'000;
inline constexpr unsigned scale_bits = 12, value_bits = 16;
inline constexpr double clip_l2 = 7.5;

inline constexpr std::uint32_t quorum = 3, trustees = 5;
// Trustee 2 sends a wrong answer, trustee 5 none.
constexpr bool answers(std::uint32_t trustee) {
    return trustee < 5;
}
constexpr bool answers_wrongly(std::uint32_t trustee) {
    return trustee == 2;
}

// What the aggregator answers to a message: a receipt, or an error with this code and check.
struct expected_answer {
    bool accepted = false;
    errc code{};
    std::uint32_t check = 0;
};
constexpr expected_answer accepted() {
    return {true, {}, 0};
}
constexpr expected_answer refused(errc code, std::uint32_t check) {
    return {false, code, check};
}

// The answer to a cheat's last message.
constexpr expected_answer answer_to(client_kind kind) {
    switch (kind) {
    case client_kind::late:
        return refused(errc::refused, 4);
    case client_kind::malformed:
        return refused(errc::malformed, 6); // of the frame
    case client_kind::wrong_round:
        return refused(errc::wrong_context, 1);
    case client_kind::bad_row:
        return refused(errc::malformed, 7);
    case client_kind::wrong_digest:
        return refused(errc::mismatch, 8);
    case client_kind::bad_audit_row:
        return refused(errc::malformed, 103);
    case client_kind::bad_ciphertext:
        return refused(errc::out_of_range, 105);
    case client_kind::bad_proof:
    case client_kind::copied:
    case client_kind::other_round:
    case client_kind::other_session:
    case client_kind::norm_above:
        return refused(errc::bad_proof, 108);
    case client_kind::equivocates:
        return refused(errc::duplicate, 12);
    case client_kind::twice_bad: // its second message is as it should be, and comes too late
        return refused(errc::duplicate, 0);
    case client_kind::spoiled:
    case client_kind::out_of_range:
        return refused(errc::bad_proof, 111);
    case client_kind::honest:
    case client_kind::silent:
        break;
    }
    return accepted();
}
// The reason of its refusal on the record; 0: none, because nothing is proved against the client.
constexpr std::uint32_t reason_on_record(client_kind kind) {
    switch (kind) {
    case client_kind::honest:
    case client_kind::silent:
    case client_kind::malformed:
    case client_kind::wrong_round:
        return 0;
    case client_kind::twice_bad:
        return 7;
    default:
        return answer_to(kind).check;
    }
}
constexpr expected_answer answer_to(outsider_kind kind) {
    switch (kind) {
    case outsider_kind::stranger:
        return refused(errc::refused, 2);
    case outsider_kind::framed:
        return refused(errc::bad_signature, 3);
    case outsider_kind::swapped_body:
        return refused(errc::mismatch, 6);
    case outsider_kind::garbage:
    case outsider_kind::none:
        break;
    }
    return refused(errc::malformed, 2); // of the frame
}

class stress_plan {
    static constexpr auto first_cheat = static_cast<std::size_t>(client_kind::late);
    static constexpr std::size_t ways_to_cheat = test::client_kinds - first_cheat;

  public:
    static constexpr std::size_t least_clients = ways_to_cheat + 4;

    // At least `least_clients` clients.
    explicit stress_plan(const parameters& given) : given_(given), kinds_(given.clients) {
        const std::size_t silent = given.clients / 10;
        const std::size_t cheats = std::max<std::size_t>(given.clients / 100, ways_to_cheat);
        for (std::size_t i = 0; i < kinds_.size(); ++i) {
            if (i < silent)
                kinds_[i] = client_kind::silent;
            else if (i < silent + cheats)
                kinds_[i] = static_cast<client_kind>(first_cheat + (i - silent) % ways_to_cheat);
        }
        auto rng = stream(0, 0);
        shuffle(kinds_, rng);
        std::vector<std::size_t> late;
        for (std::size_t i = 0; i < kinds_.size(); ++i)
            if (kinds_[i] == client_kind::late)
                late.push_back(i);
            else if (kinds_[i] != client_kind::silent)
                order_.push_back(i);
        shuffle(order_, rng);
        // Somebody honest is first, because a copy needs what to copy, and who is late is last.
        const auto honest = std::find_if(order_.begin(), order_.end(),
                                         [&](std::size_t i) { return kinds_[i] == client_kind::honest; });
        std::iter_swap(order_.begin(), honest);
        order_.insert(order_.end(), late.begin(), late.end());
    }

    std::size_t clients() const { return kinds_.size(); }
    client_kind kind(std::size_t client) const { return kinds_[client]; }
    std::size_t count(client_kind kind) const {
        return static_cast<std::size_t>(std::count(kinds_.begin(), kinds_.end(), kind));
    }
    std::size_t cheats() const { return clients() - count(client_kind::honest) - count(client_kind::silent); }
    // Who sends, in this order.
    const std::vector<std::size_t>& order() const { return order_; }

    sign::signing_key identity(std::size_t client) const {
        auto rng = stream(1, client);
        return sign::signing_key::from_seed(secret(random::random_bytes<32>(rng)));
    }
    byte_array<32> id(std::size_t client) const { return identity(client).verifying().bytes(); }

    // In units of 2^-scale_bits. `variant` 1 is what an equivocator sends the second time.
    std::vector<std::int32_t> update(std::size_t client, std::uint64_t variant = 0) const {
        const auto largest = static_cast<std::int32_t>(std::min(
            0.9 * clip_l2 * (1 << scale_bits) / std::sqrt(static_cast<double>(given_.dimension)), 30'000.0));
        auto rng = stream(2 + variant, client);
        std::vector<std::int32_t> values(given_.dimension);
        const bytes drawn = rng.draw(4 * values.size());
        for (std::size_t j = 0; j < values.size(); ++j) {
            std::uint32_t word = 0;
            for (std::size_t k = 0; k < 4; ++k) word = word << 8 | drawn[4 * j + k];
            values[j] =
                static_cast<std::int32_t>(word % static_cast<std::uint32_t>(2 * largest + 1)) - largest;
        }
        return values;
    }
    static std::vector<float> as_floats(const std::vector<std::int32_t>& units) {
        std::vector<float> values(units.size());
        std::transform(units.begin(), units.end(), values.begin(), [](std::int32_t unit) {
            return static_cast<float>(unit) / static_cast<float>(1 << scale_bits);
        });
        return values;
    }

  private:
    test::seeded_random stream(std::uint64_t what, std::size_t index) const {
        return test::seeded_random((given_.seed << 48) ^ (what << 40) ^ index);
    }
    template <class T>
    static void shuffle(std::vector<T>& items, test::seeded_random& rng) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(i)]);
    }

    parameters given_;
    std::vector<client_kind> kinds_;
    std::vector<std::size_t> order_;
};

} // namespace veilsum::stress
