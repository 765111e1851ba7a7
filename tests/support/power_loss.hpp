// Loses power before every call of a session, in several ways each, and collects what is wrong afterwards.
//
//     test::power_losses losses(folder, script, 6);
//     losses.run();
//     CHECK(losses.complaints() == "");  CHECK(losses.stops() > 1000);
//
// A harness that cannot complain proves nothing: `lie` makes calls that it picks succeed without being made,
// as a store would that left them out.
#pragma once

#include "support/crash_check.hpp"
#include "support/disk_model.hpp"
#include "support/store_session.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace veilsum::test {

// How many stops a test makes at least; VEILSUM_CRASH_STOPS asks for a longer run.
inline std::size_t wanted_stops(std::size_t usual) {
    const char* const wanted = std::getenv("VEILSUM_CRASH_STOPS");
    return std::max<std::size_t>(usual, wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 0);
}

// Files that have their size but zeros as content (docs/spec/record.md, section 9): refused by everybody, at
// the record or entry that was under way, and left as they are.
inline std::string complaint_about_hollow(const std::filesystem::path& folder, const session_knowledge& acked,
                                          const session_knowledge& tried) {
    const watched unseen(nullptr);
    const std::string store = (folder / "store").native(), journal = (folder / "journal").native();
    if (std::filesystem::exists(store + "/log")) {
        const bytes before = read_whole_file(store + "/log");
        const auto writer = audit::file_store::open_for_writing(store);
        if (writer) {
            if (const auto wrong = detail::check_store(*writer, acked, tried); !wrong.empty()) return wrong;
        } else {
            const error& failure = writer.error();
            const bool named = failure.place == audit::record_place(acked.log.size()) || !acked.store;
            if (failure.code == errc::io || !named) return complaint::writer_refused + words_of(failure);
            if (read_whole_file(store + "/log") != before) return "damage is not left as it was";
            const auto reader = audit::file_store::open_for_reading(store);
            if (reader || reader.error().check != failure.check) return "a reader takes damage for sound";
        }
    }
    if (std::filesystem::exists(journal)) {
        const bytes before = read_whole_file(journal);
        const auto opened = audit::journal::open(journal);
        if (opened) return detail::check_entries(*opened, acked, tried);
        const std::string place = "entry " + std::to_string(acked.entries.size());
        const bool named = opened.error().place == place || !acked.journal;
        if (opened.error().code == errc::io || !named)
            return complaint::journal_refused + words_of(opened.error());
        if (read_whole_file(journal) != before) return "damage is not left as it was";
    }
    return "";
}

class power_losses : public call_watcher {
  public:
    // `by_chance`: how many random ways there are at each call, beside four fixed ones and the hollow one.
    power_losses(const session_script& script, std::size_t by_chance, std::uint64_t seed = 1)
        : script_(script), by_chance_(by_chance), rng_(seed), disk_(folder_.path()),
          session_(folder_.path()) {}

    // Calls for which it returns true are not made.
    std::function<bool(const system_call&)> lie;
    // Calls that fail with this error number; a failed sync loses what is not synced.
    std::function<int(const system_call&)> fail;
    std::size_t every = 1; // lose power at each call whose number this divides; 0: only at the end

    // False if a step failed and opening anew did not help.
    bool run() {
        const watched here(*this);
        std::size_t next = 0;
        for (int attempt = 0; attempt < 5; ++attempt) {
            if (session_.run(script_, next, [](std::size_t) {})) {
                session_.close();
                examine();
                return true;
            }
            const auto recovered = session_.recover(script_, session_.done);
            if (recovered) next = *recovered;
        }
        return false;
    }

    order before(const system_call& call) override {
        if (every != 0 && number_++ % every == 0) examine();
        if (lie && lie(call)) return {.pretend = true};
        const int code = fail ? fail(call) : 0;
        if (code != 0 && call.kind == call_kind::sync) disk_.drop_unsynced(call.descriptor);
        if (call.kind != call_kind::open) ++calls_[call.kind];
        return {.error = code};
    }
    void after(const system_call& call) override { disk_.after(call); }

    std::size_t stops() const { return stops_; }
    std::size_t unlike() const { return unlike_; } // how often the model and the real folder differed
    // One line for each different complaint, with the number of stops: "" when there is none.
    std::string complaints() const {
        std::string lines;
        for (const auto& [wrong, count] : complaints_) lines += std::to_string(count) + " x " + wrong + "\n";
        return lines;
    }
    const std::map<call_kind, std::size_t>& calls() const { return calls_; }
    bool complained(const std::string& phrase) const {
        for (const auto& [wrong, count] : complaints_)
            if (wrong.starts_with(phrase)) return true;
        return false;
    }

  private:
    using part = survival::part;

    void examine() {
        const watched unseen(nullptr);
        if (disk_.files() != files_below(folder_.path())) ++unlike_;
        lose({part::none, part::none});
        if (disk_.is_settled()) return;
        lose({part::all, part::all});
        lose({part::none, part::all});
        lose({part::all, part::none});
        for (std::size_t i = 0; i < by_chance_; ++i) lose({part::some, part::some, &rng_});
        lose({part::all, part::all, nullptr, true});
    }
    void lose(const survival& left) {
        const std::size_t done = session_.done;
        const session_knowledge& acked = script_.known[done];
        const session_knowledge& tried = script_.known[std::min(done + 1, script_.steps.size())];
        const std::filesystem::path place = elsewhere_ / "left";
        std::filesystem::remove_all(place);
        disk_.build(place, left);
        const auto wrong =
            left.hollow ? complaint_about_hollow(place, acked, tried) : complaint_about(place, acked, tried);
        ++stops_;
        if (!wrong.empty()) ++complaints_[wrong + " (step " + std::to_string(done) + ")"];
    }

    const session_script& script_;
    std::size_t by_chance_;
    seeded_random rng_;
    temporary_folder folder_{memory_backed()}, elsewhere_{memory_backed()};
    disk_model disk_;
    store_session session_;
    std::size_t number_ = 0, stops_ = 0, unlike_ = 0;
    std::map<std::string, std::size_t> complaints_;
    std::map<call_kind, std::size_t> calls_;
};

} // namespace veilsum::test
