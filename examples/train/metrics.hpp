// Figures of a run, round by round: what the table prints and the report draws.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace train {

enum class phase : std::uint8_t { training, encryption, verification, decryption, combination, evaluation };
inline constexpr std::array<std::string_view, 6> phase_names = {"training",   "encryption",  "verification",
                                                                "decryption", "combination", "evaluation"};

struct round_metrics {
    std::uint64_t round = 0;
    double accuracy = 0;
    double loss = 0;
    std::size_t accepted = 0;
    std::uint64_t contribution_bytes = 0; // all clients together
    std::uint64_t partial_bytes = 0;      // all trustees together
    double epsilon = 0;                   // spent so far, with a privacy budget
    std::array<double, 6> seconds{};      // by phase

    double& operator[](phase which) { return seconds[static_cast<std::size_t>(which)]; }
    double total_seconds() const {
        double total = 0;
        for (const double part : seconds) total += part;
        return total;
    }
};

// What was on during the run, for the report and the closing lines.
struct run_facts {
    std::string data;
    std::string network;
    std::size_t weights = 0;
    std::size_t clients = 0;
    std::uint32_t trustees = 0;
    std::uint32_t quorum = 0;
    std::size_t modulus_bits = 0;
    std::string policy;
    std::string proofs;
    std::string encoding;
    std::string session;
    std::size_t slots = 0;
    std::size_t ciphertexts = 0;
    double key_seconds = 0;
    std::string privacy; // empty: no noise
};

} // namespace train
