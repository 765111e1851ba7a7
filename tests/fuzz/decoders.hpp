// What the fuzz targets of decoders have in common.
//
// A target is a list of decoders. An input is one octet, the number of a decoder (modulo their count), and
// the bytes that it is given. A decoder answers whether it accepted them, and ends the process when something
// does not hold that must:
//
//   - what it accepts it writes back as the same bytes: there is one spelling;
//   - what it refuses it gives a reason for;
//   - what depends on keys accepts nothing but the message that was made with them.
//
// Its samples are messages that it accepts: the corpus begins with them, and a run over the corpus checks
// that they still decode, so that no target exercises only the first check of a length.
//
//     std::span<const fuzz::decoder> veilsum::fuzz::decoders() { static const decoder all[] = {...}; return
//     all; }
#pragma once

#include "fuzz/replay.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace veilsum::fuzz {

using samples = std::vector<bytes>;

struct decoder {
    std::string_view name;
    bool (*accepts)(byte_view);
    samples (*make_samples)();
};
// Defined by each target; fewer than 256.
std::span<const decoder> decoders();

inline std::string_view at_work = "none"; // the decoder

// Ends the process if a property does not hold.
inline void require(bool holds, std::string_view what) {
    if (holds) return;
    std::fprintf(stderr, "%s, decoder %.*s: does not hold: %.*s\n", current.c_str(),
                 static_cast<int>(at_work.size()), at_work.data(), static_cast<int>(what.size()),
                 what.data());
    std::abort();
}
// The same for a result that must be a value.
template <class T>
void require_value(const result<T>& outcome, std::string_view what) {
    if (!outcome) std::fprintf(stderr, "%s\n", outcome.error().describe().c_str());
    require(outcome.has_value(), what);
}

// Whether a value is there; an error says what was wrong.
template <class T>
bool accepted(const result<T>& outcome) {
    if (outcome) return true;
    require(!outcome.error().what.empty() && name_of(outcome.error().code) != "unknown",
            "an error has a reason");
    return false;
}

// For a decoder with an encoder: what is accepted is written back as it was.
template <class T, class Write>
bool one_spelling(byte_view data, const result<T>& read, const Write& write) {
    if (!accepted(read)) return false;
    const auto again = write(*read);
    require(equal(byte_view(reinterpret_cast<const std::uint8_t*>(again.data()), again.size()), data),
            "what decodes is written back as the same bytes");
    return true;
}
template <class T>
bool one_spelling(byte_view data, const result<T>& read) {
    return one_spelling(data, read, [](const T& value) { return value.serialize(); });
}

inline std::string_view as_text(byte_view data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}
inline bytes as_sample(std::string_view text) {
    const byte_view data = as_bytes(text);
    return {data.begin(), data.end()};
}

// One input in `period`, always the same ones: for what is too dear to do each time.
inline bool chosen(byte_view data, unsigned period) {
    std::uint32_t sum = 2166136261u;
    for (const std::uint8_t octet : data) sum = (sum ^ octet) * 16777619u;
    return (sum >> 8) % period == 0;
}

// Takes the parts of an input one after the other; where the input ends, it reads as zeros.
class parts {
  public:
    explicit parts(byte_view data) : rest_(data) {}
    std::uint8_t octet() {
        if (rest_.empty()) return 0;
        const std::uint8_t first = rest_[0];
        rest_ = rest_.subspan(1);
        return first;
    }
    std::uint16_t word() {
        const unsigned high = octet();
        return static_cast<std::uint16_t>(high << 8 | octet());
    }
    byte_view take(std::size_t count) {
        const byte_view out = rest_.first(count < rest_.size() ? count : rest_.size());
        rest_ = rest_.subspan(out.size());
        return out;
    }
    byte_view rest() { return take(rest_.size()); }

  private:
    byte_view rest_;
};

// How often each decoder was asked, and how often it accepted.
struct tally {
    std::uint64_t asked = 0, accepted = 0;
};
inline std::array<tally, 256> tallies;

inline bool decode(byte_view input) {
    if (input.empty()) return false;
    const auto all = decoders();
    const std::size_t number = input[0] % all.size();
    at_work = all[number].name;
    const bool taken = all[number].accepts(input.subspan(1));
    ++tallies[number].asked;
    tallies[number].accepted += taken;
    return taken;
}

inline void print_tallies() {
    const auto all = decoders();
    std::fprintf(stderr, "%12s %12s  decoder\n", "inputs", "accepted");
    for (std::size_t i = 0; i < all.size(); ++i)
        std::fprintf(stderr, "%12llu %12llu  %zu %.*s\n", static_cast<unsigned long long>(tallies[i].asked),
                     static_cast<unsigned long long>(tallies[i].accepted), i,
                     static_cast<int>(all[i].name.size()), all[i].name.data());
}

} // namespace veilsum::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    veilsum::fuzz::decode({data, size});
    return 0;
}

#ifdef VEILSUM_FUZZ_REPLAY

int main(int argc, char** argv) {
    using namespace veilsum::fuzz;
    std::vector<corpus_file> valid;
    if (wants_corpus(argc, argv)) {
        const auto all = decoders();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto made = all[i].make_samples();
            for (std::size_t k = 0; k < made.size(); ++k) {
                corpus_file file{valid_name(i, k), {static_cast<std::uint8_t>(i)}};
                file.content.insert(file.content.end(), made[k].begin(), made[k].end());
                valid.push_back(std::move(file));
            }
            if (made.empty()) {
                std::fprintf(stderr, "decoder %zu has no sample\n", i);
                return 1;
            }
        }
    }
    at_work = "none";
    const int status = replay(argc, argv, {valid, decode, {}});
    print_tallies();
    return status;
}

#else

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    std::atexit(veilsum::fuzz::print_tallies);
    return 0;
}

#endif
