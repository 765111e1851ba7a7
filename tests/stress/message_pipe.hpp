// What the processes of a stress run say to each other, through standard input and output:
//
//     kind u8 | time u64 | length u32 | content
//
// Clients and trustees write contributions, the closing, partial decryptions; the aggregator answers each, in
// order. It reads one at a time, so nothing that waits is in its memory.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace veilsum::stress {

template <class T>
T take(result<T> made, const std::string& what) {
    if (!made) throw std::runtime_error(what + ": " + made.error().describe());
    return *std::move(made);
}
inline void take(const result<void>& made, const std::string& what) {
    if (!made) throw std::runtime_error(what + ": " + made.error().describe());
}
inline void require(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

enum class letter_kind : std::uint8_t { contribution, closing, partial, answer };

struct letter {
    letter_kind kind{};
    std::uint64_t time = 0;
    bytes content;
};

// What the aggregator says: an error, or nothing but, to a contribution, a receipt.
struct answer {
    bool accepted = true;
    errc code{};
    std::uint32_t check = 0;
    std::string culprit, what;
    bytes receipt;

    static answer refusal(const error& reason) {
        return {false, reason.code, reason.check, reason.culprit, reason.describe(), {}};
    }
    bytes serialize() const {
        wire::writer out;
        out.u8(accepted ? 1 : 0);
        out.u8(static_cast<std::uint8_t>(code));
        out.u32(check);
        out.var(as_bytes(culprit));
        out.var(as_bytes(what));
        out.var(receipt);
        return std::move(out).take();
    }
    static answer parse(byte_view data) {
        wire::reader in(data);
        answer made;
        made.accepted = in.u8() == 1;
        made.code = static_cast<errc>(in.u8());
        made.check = in.u32();
        for (std::string* text : {&made.culprit, &made.what}) {
            const byte_view part = in.var(1 << 16);
            text->assign(part.begin(), part.end());
        }
        const byte_view part = in.var(1 << 16);
        made.receipt.assign(part.begin(), part.end());
        take(in.finish(), "answer of the aggregator");
        return made;
    }
};

// Failures of the pipe itself are exceptions: the run is over.
class message_pipe {
    static constexpr std::size_t header_bytes = 1 + 8 + 4;
    static constexpr std::uint32_t max_bytes = 1U << 28;

  public:
    // False at the end: nobody is left who could write.
    bool read(letter& into) {
        byte_array<header_bytes> header{};
        if (!fill(header)) return false;
        wire::reader in(header);
        into.kind = static_cast<letter_kind>(in.u8());
        into.time = in.u64();
        const std::uint32_t length = in.u32();
        require(length <= max_bytes, "length of a message in the pipe");
        into.content.resize(length);
        require(fill(into.content), "the pipe ended within a message");
        return true;
    }
    void write(letter_kind kind, std::uint64_t time, byte_view content) {
        wire::writer out(header_bytes);
        out.u8(static_cast<std::uint8_t>(kind));
        out.u64(time);
        out.u32(static_cast<std::uint32_t>(content.size()));
        put(out.view());
        put(content);
    }
    answer read_answer() {
        letter next;
        require(read(next) && next.kind == letter_kind::answer, "the aggregator ended");
        return answer::parse(next.content);
    }

  private:
    // False if there was nothing at all.
    static bool fill(std::span<std::uint8_t> into) {
        for (std::size_t done = 0; done < into.size();) {
            const auto got = ::read(STDIN_FILENO, into.data() + done, into.size() - done);
            if (got < 0 && errno == EINTR) continue;
            if (got == 0 && done == 0) return false;
            require(got > 0, "cannot read from the pipe");
            done += static_cast<std::size_t>(got);
        }
        return true;
    }
    static void put(byte_view from) {
        while (!from.empty()) {
            const auto written = ::write(STDOUT_FILENO, from.data(), from.size());
            if (written < 0 && errno == EINTR) continue;
            require(written > 0, "cannot write to the pipe");
            from = from.subspan(static_cast<std::size_t>(written));
        }
    }
};

} // namespace veilsum::stress
