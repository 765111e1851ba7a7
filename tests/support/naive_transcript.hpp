// The transcript of one submission after its context, with a list of all its states, and with the possibility
// of leaving an item out.
//
// spec: validity proofs, sections 6.1 and 6.2
#pragma once

#include "support/naive_field.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::test {

struct naive_transcript_step {
    std::string label;
    byte_array<64> value; // the state after an absorption, the output of a challenge
};

class naive_transcript {
  public:
    // `after_context`: the six context items are in it. Items of the label `omitted` are not absorbed.
    explicit naive_transcript(transcript::transcript after_context, std::string_view omitted = {})
        : tr_(std::move(after_context)), omitted_(omitted) {}

    void absorb(std::string_view label, byte_view data) {
        if (label == omitted_) return;
        tr_.absorb(label, data);
        steps_.push_back({std::string(label), tr_.state()});
    }
    byte_array<64> challenge(std::string_view label) {
        const byte_array<64> out = tr_.challenge(label);
        steps_.push_back({std::string(label), out});
        return out;
    }
    scalar challenge_scalar(std::string_view label) { return scalar::from_uniform(challenge(label)); }
    scalars challenge_scalars(std::string_view label, std::size_t count) {
        const byte_array<64> out = challenge(label);
        scalars list;
        for (std::uint32_t j = 0; j < count; ++j)
            list.push_back(scalar::from_uniform(transcript::expand(out, j)));
        return list;
    }
    // 128 bits each.
    std::vector<bigint> challenge_integers(std::string_view label, std::size_t count) {
        const byte_array<64> out = challenge(label);
        std::vector<bigint> list;
        for (std::uint32_t j = 0; j < count; ++j) {
            const byte_array<64> block = transcript::expand(out, j / 4);
            bytes quarter(block.begin() + 16 * (j % 4), block.begin() + 16 * (j % 4) + 16);
            std::reverse(quarter.begin(), quarter.end());
            list.push_back(bigint::from_bytes(quarter));
        }
        return list;
    }

    const byte_array<64>& state() const { return tr_.state(); }
    const std::vector<naive_transcript_step>& steps() const { return steps_; }

  private:
    transcript::transcript tr_;
    std::string omitted_;
    std::vector<naive_transcript_step> steps_;
};

} // namespace veilsum::test
