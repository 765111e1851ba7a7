// What a disk may hold after the power failed: made from the events of a watched run.
//
// The model, more hostile than most file systems:
//   - the content of a file is durable once the file was synced; of each write and truncation since then
//     nothing, all, or (a write) the beginning may have happened, each by itself;
//   - names are durable once their folder was synced; of each creation, renaming and removal since then any
//     may have happened, each whole or not at all, whatever became of the file's content;
//   - a file is never longer than the data that reached it, so that its end is not filled with zeros that
//     nobody wrote, except where a later write did happen and an earlier one did not.
#pragma once

#include "crash/interposed_calls.hpp"

#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace veilsum::test::crash {

// Of what was not synced.
enum class survival { nothing, everything, some };

class disk_model {
  public:
    // `believed`: does this sync do what it says? For disks that lie.
    explicit disk_model(std::span<const event> happened,
                        const std::function<bool(const event&)>& believed = {}) {
        for (const event& one : happened) {
            const bool sync = one.what == event::kind::sync_file || one.what == event::kind::sync_folder;
            if (sync && believed && !believed(one)) continue;
            apply(one);
        }
    }

    // Makes `root`, an empty folder, hold what is left.
    void write_to(const std::filesystem::path& root, survival what, seeded_random& rng) const {
        std::map<int, bytes> contents;
        for (const auto& [number, file] : files_) contents[number] = remains(file, what, rng);
        write_folder(root, "", contents, what, rng);
    }

  private:
    struct stored_file {
        bytes durable;
        std::vector<const event*> pending;
    };
    static constexpr int a_folder = -1;
    struct folder_names {
        std::map<std::string, int> durable; // name to file
        std::vector<const event*> pending;
    };

    static std::string folder_of(const std::string& path) {
        const std::size_t slash = path.rfind('/');
        return slash == std::string::npos ? "" : path.substr(0, slash);
    }
    static std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

    void apply(const event& one) {
        switch (one.what) {
        case event::kind::create_file:
        case event::kind::rename:
        case event::kind::unlink:
        case event::kind::make_folder:
            folders_[folder_of(one.path)].pending.push_back(&one);
            break;
        case event::kind::write:
        case event::kind::truncate:
            files_[one.file].pending.push_back(&one);
            break;
        case event::kind::sync_file: {
            stored_file& file = files_[one.file];
            for (const event* change : file.pending) change_file(file.durable, *change, change->data.size());
            file.pending.clear();
            break;
        }
        case event::kind::sync_folder: {
            folder_names& folder = folders_[one.path];
            for (const event* change : folder.pending) change_names(folder.durable, *change);
            folder.pending.clear();
            break;
        }
        case event::kind::note:
            break;
        }
    }

    static void change_file(bytes& content, const event& change, std::size_t part) {
        const auto offset = static_cast<std::size_t>(change.offset);
        if (change.what == event::kind::truncate) {
            content.resize(offset);
            return;
        }
        if (content.size() < offset + part) content.resize(offset + part);
        std::copy_n(change.data.begin(), part, content.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    static void change_names(std::map<std::string, int>& names, const event& change) {
        switch (change.what) {
        case event::kind::create_file:
            names[name_in(change.path)] = change.file;
            break;
        case event::kind::make_folder:
            names[name_in(change.path)] = a_folder;
            break;
        case event::kind::rename:
            names.erase(name_in(change.path));
            names[name_in(change.to)] = change.file;
            break;
        case event::kind::unlink:
            names.erase(name_in(change.path));
            break;
        default:
            break;
        }
    }

    static bytes remains(const stored_file& file, survival what, seeded_random& rng) {
        bytes content = file.durable;
        for (const event* change : file.pending) {
            const std::size_t size = change->data.size();
            if (what == survival::nothing) continue;
            if (what == survival::everything) {
                change_file(content, *change, size);
                continue;
            }
            const std::uint64_t fate = rng.below(3); // not, wholly, in part
            if (fate == 1) change_file(content, *change, size);
            if (fate == 2 && size > 0)
                change_file(content, *change, static_cast<std::size_t>(rng.below(size)));
        }
        return content;
    }
    void write_folder(const std::filesystem::path& root, const std::string& path,
                      const std::map<int, bytes>& contents, survival what, seeded_random& rng) const {
        const auto found = folders_.find(path);
        if (found == folders_.end()) return;
        std::map<std::string, int> names = found->second.durable;
        for (const event* change : found->second.pending)
            if (what == survival::everything || (what == survival::some && rng.below(2) == 1))
                change_names(names, *change);
        for (const auto& [name, file] : names) {
            const std::string inside = path.empty() ? name : path + "/" + name;
            if (file == a_folder) {
                std::filesystem::create_directory(root / inside);
                write_folder(root, inside, contents, what, rng);
            } else {
                const auto content = contents.find(file);
                write_whole_file(root / inside, content == contents.end() ? bytes() : content->second);
            }
        }
    }

    std::map<int, stored_file> files_;
    std::map<std::string, folder_names> folders_;
};

} // namespace veilsum::test::crash
