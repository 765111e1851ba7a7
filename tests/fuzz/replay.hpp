// The main of fuzz targets without a fuzzer: what `ctest` runs with every compiler, always the same.
//
//     NAME FILE...                             each file
//     NAME --corpus FOLDER --seeds FIRST COUNT the files of a folder, then COUNT inputs made from them; or
//     made from
//                                              nothing but the seed, where the target says how
//     NAME [--corpus FOLDER] --write SEED FILE  writes such an input
//     NAME --make-corpus FOLDER                writes the valid files
//
// Files called valid-... are messages that must be accepted, and are the ones that --make-corpus writes; the
// others are what fuzzers found worth keeping, crashes that were mended among them.
//
// A made input is a file of the corpus with a few changes: bits and octets, lengths, pieces removed,
// repeated, or taken from another file. Which input was at work when the process ends is printed.
#pragma once

#include <string>

namespace veilsum::fuzz {
inline std::string current = "input"; // what is at work
}

#ifdef VEILSUM_FUZZ_REPLAY

#include "support/seeded_random.hpp"

#include <veilsum/core/bytes.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace veilsum::fuzz {

struct corpus_file {
    std::string name;
    bytes content;
};

struct replayed {
    std::vector<corpus_file> valid;                // what the corpus must hold, if there is one
    std::function<bool(byte_view)> accepts;        // runs an input
    std::function<bytes(std::uint64_t seed)> make; // an input from a seed alone; else from the corpus
};

inline bool wants_corpus(int argc, char** argv) {
    return argc > 1 && (std::strcmp(argv[1], "--corpus") == 0 || std::strcmp(argv[1], "--make-corpus") == 0);
}
inline std::string valid_name(std::size_t decoder, std::size_t number) {
    return (decoder < 10 ? "valid-0" : "valid-") + std::to_string(decoder) + "-" + std::to_string(number);
}

inline std::optional<bytes> read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class mutator {
  public:
    explicit mutator(const std::vector<corpus_file>& corpus) : corpus_(corpus) {}

    bytes operator()(std::uint64_t seed) const {
        test::seeded_random rng(seed);
        bytes out = corpus_[rng.below(corpus_.size())].content;
        for (std::uint64_t left = 1 + rng.below(4); left > 0; --left) change(out, rng);
        return out;
    }

  private:
    // The octet in front chooses the decoder and mostly stays.
    static std::size_t place(const bytes& in, test::seeded_random& rng) {
        if (in.size() < 2 || rng.below(32) == 0) return 0;
        const std::size_t all = in.size() - 1;
        // Headers and lengths stand in front, and are as likely as all the rest.
        return 1 + rng.below(rng.below(2) == 0 ? std::min<std::size_t>(all, 64) : all);
    }
    void change(bytes& in, test::seeded_random& rng) const {
        if (in.empty()) in.push_back(0);
        const std::size_t at = place(in, rng);
        const auto iterator = in.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t left = in.size() - at;
        const auto length = static_cast<std::ptrdiff_t>(1 + rng.below(std::min<std::size_t>(left, 40)));
        switch (rng.below(10)) {
        case 0:
        case 1:
            in[at] = static_cast<std::uint8_t>(in[at] ^ 1u << rng.below(8));
            break;
        case 2: {
            constexpr std::array<std::uint8_t, 8> edges{0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x20, 0x0a};
            in[at] = edges[rng.below(edges.size())];
            break;
        }
        case 3:
            in[at] = static_cast<std::uint8_t>(rng.below(256));
            break;
        case 4: { // a length or a count
            constexpr std::array<std::uint32_t, 8> edges{0,          1,          0x7fffffff, 0x80000000,
                                                         0xffffffff, 0xfffffff0, 0x00100000, 0x01000000};
            const auto value = rng.below(2) == 0 ? edges[rng.below(edges.size())]
                                                 : static_cast<std::uint32_t>(in.size() + rng.below(64) - 32);
            for (std::size_t k = 0; k < 4 && at + k < in.size(); ++k)
                in[at + k] = static_cast<std::uint8_t>(value >> (24 - 8 * k));
            break;
        }
        case 5:
            in.erase(iterator, iterator + length);
            break;
        case 6: {
            const bytes piece(iterator, iterator + length);
            in.insert(iterator, piece.begin(), piece.end());
            break;
        }
        case 7:
            in.resize(rng.below(2) == 0 ? at + 1 : in.size() + 1 + rng.below(8));
            break;
        case 8:
            std::fill(iterator, iterator + length, static_cast<std::uint8_t>(rng.below(2) == 0 ? 0 : 0xff));
            break;
        default: { // the same place, or the end, of another file
            const bytes& other = corpus_[rng.below(corpus_.size())].content;
            if (other.size() <= at) break;
            const std::size_t end = rng.below(2) == 0 ? other.size() : std::min(other.size(), at + 32);
            if (in.size() < end) in.resize(end);
            std::copy(other.begin() + static_cast<std::ptrdiff_t>(at),
                      other.begin() + static_cast<std::ptrdiff_t>(end),
                      in.begin() + static_cast<std::ptrdiff_t>(at));
        }
        }
    }

    const std::vector<corpus_file>& corpus_;
};

// Every file, in the order of their names; the valid ones must be those of the target, and be accepted.
inline bool replay_corpus(const std::filesystem::path& folder, const replayed& target,
                          std::vector<corpus_file>& corpus) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        auto content = read_file(entry.path());
        if (content) corpus.push_back({entry.path().filename().string(), *std::move(content)});
    }
    std::sort(corpus.begin(), corpus.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    if (corpus.empty()) {
        std::fprintf(stderr, "no corpus in %s\n", folder.c_str());
        return false;
    }
    bool good = true;
    const auto complain = [&good](const std::string& name, const char* what) {
        std::fprintf(stderr, "%s: %s; see --make-corpus\n", name.c_str(), what);
        good = false;
    };
    std::size_t present = 0;
    for (const corpus_file& file : corpus) {
        current = file.name;
        const bool taken = target.accepts(file.content);
        if (!file.name.starts_with("valid-")) continue;
        ++present;
        if (!taken) complain(file.name, "is not accepted");
        if (std::none_of(target.valid.begin(), target.valid.end(), [&](const corpus_file& made) {
                return made.name == file.name && made.content == file.content;
            }))
            complain(file.name, "is not what the target makes");
    }
    if (present != target.valid.size()) complain(folder.string(), "holds another number of valid files");
    return good;
}

inline bool write_file(const std::filesystem::path& path, const bytes& content) {
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return static_cast<bool>(out.flush());
}

inline int replay(int argc, char** argv, const replayed& target) {
    std::signal(SIGABRT, [](int) {
        std::fprintf(stderr, "ended at %s\n", current.c_str());
        std::_Exit(134);
    });
    std::vector<std::string_view> words(argv + 1, argv + argc);
    if (words.size() == 2 && words[0] == "--make-corpus") {
        std::filesystem::create_directories(words[1]);
        for (const corpus_file& file : target.valid)
            if (!write_file(std::filesystem::path(words[1]) / file.name, file.content)) return 1;
        std::printf("%zu files\n", target.valid.size());
        return 0;
    }
    std::vector<corpus_file> corpus;
    if (words.size() >= 2 && words[0] == "--corpus") {
        if (!replay_corpus(words[1], target, corpus)) return 1;
        std::printf("%zu files of the corpus\n", corpus.size());
        words.erase(words.begin(), words.begin() + 2);
        if (words.empty()) return 0;
    }
    const bool can_make = words.size() == 3 && (target.make || !corpus.empty());
    if (can_make && words[0] == "--write") {
        const std::uint64_t seed = std::strtoull(words[1].data(), nullptr, 10);
        return write_file(words[2], target.make ? target.make(seed) : mutator(corpus)(seed)) ? 0 : 1;
    }
    if (can_make && words[0] == "--seeds") {
        const std::uint64_t first = std::strtoull(words[1].data(), nullptr, 10);
        const std::uint64_t count = std::strtoull(words[2].data(), nullptr, 10);
        const mutator mutate(corpus);
        for (std::uint64_t seed = first; seed < first + count; ++seed) {
            const bytes input = target.make ? target.make(seed) : mutate(seed);
            current = "seed " + std::to_string(seed);
            target.accepts(input);
        }
        std::printf("%llu made inputs\n", static_cast<unsigned long long>(count));
        return 0;
    }
    for (const std::string_view word : words) {
        const auto input = read_file(word);
        if (!input) {
            std::fprintf(stderr, "cannot read %s\n", std::string(word).c_str());
            return 1;
        }
        current = word;
        std::printf("%s: %s\n", current.c_str(), target.accepts(*input) ? "accepted" : "refused");
    }
    if (!words.empty()) return 0;
    std::fprintf(stderr, "usage: %s FILE... | [--corpus FOLDER] --seeds FIRST COUNT | --make-corpus FOLDER\n",
                 argv[0]);
    return 2;
}

} // namespace veilsum::fuzz

#endif
