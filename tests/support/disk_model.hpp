// Disk model: what a power loss may leave of the changes that a program made to the files of one folder.
//
// The model is told each call that succeeded (support/system_calls.hpp). It assumes of the disk no more than
// this, which docs/spec/record.md, section 9, repeats:
//     - the content of a file is durable after a sync of the file, the names in a folder after a sync of the
//       folder, and neither makes the other durable;
//     - changes of a file that are not synced survive up to some byte of some change, in the order in which
//       they were made: a file has no size before it has the content (`hollow` breaks this one);
//     - a name that was made, moved or removed and is not synced has changed, or not, each by itself; a moved
//       name is there under one of the two names;
//     - after a sync of a file that failed, its unsynced content is lost, although the kernel still shows it,
//       and a later sync that succeeds does not bring it back.
//
//     test::disk_model disk(folder);          // empty and durable
//     ... disk.after(call) for each call ...
//     disk.build(elsewhere, survival{...});   // the folder after a power loss
#pragma once

#include "support/seeded_random.hpp"
#include "support/system_calls.hpp"
#include "support/temporary_folder.hpp"

#include <veilsum/core/bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

// How much of what is not synced survives. `some` draws from `chance`.
struct survival {
    enum class part { none, some, all };
    part contents = part::none;
    part names = part::none;
    seeded_random* chance = nullptr;
    bool hollow = false; // files have the size of what was written, and zeros in its place
};

class disk_model {
  public:
    explicit disk_model(const std::filesystem::path& root) : root_(root.native()), nodes_(1) {
        nodes_[0].is_folder = true;
    }

    void after(const system_call& call) {
        switch (call.kind) {
        case call_kind::open:
            open_[call.descriptor] = node_at(call.path);
            return;
        case call_kind::create:
            open_[call.descriptor] = exists(call.path) ? node_at(call.path) : added(call.path, false);
            return;
        case call_kind::make_folder:
            added(call.path, true);
            return;
        case call_kind::write:
            change(open_.at(call.descriptor), {false, call.offset, {call.data.begin(), call.data.end()}});
            return;
        case call_kind::cut:
            change(open_.at(call.descriptor), {true, call.offset, {}});
            return;
        case call_kind::sync: {
            node& synced = nodes_[open_.at(call.descriptor)];
            // Change by change: what an earlier sync lost is in `content`, and does not become durable.
            for (const content_change& one : synced.changes) apply(one, one.data.size(), synced.durable);
            synced.durable_names = synced.names;
            synced.changes.clear();
            synced.name_changes.clear();
            return;
        }
        case call_kind::rename:
            rename(call.path, call.to, node_at(call.path));
            return;
        case call_kind::remove:
            rename(call.path, {}, 0);
            return;
        }
    }

    // The sync of this descriptor failed: what was written is lost; sizes that were cut are the journal's.
    void drop_unsynced(int descriptor) {
        std::vector<content_change>& changes = nodes_[open_.at(descriptor)].changes;
        std::erase_if(changes, [](const content_change& one) { return !one.cut; });
    }

    bool is_settled() const {
        return std::all_of(nodes_.begin(), nodes_.end(),
                           [](const node& one) { return one.changes.empty() && one.name_changes.empty(); });
    }

    // Makes `target`, which must not exist, the folder as a power loss now would leave it.
    void build(const std::filesystem::path& target, const survival& left) const {
        build_folder(nodes_[0], target, left);
    }
    // The folder as the kernel shows it now: all files with their content.
    std::map<std::string, bytes> files() const {
        std::map<std::string, bytes> found;
        collect(nodes_[0], "", found);
        return found;
    }

  private:
    struct content_change {
        bool cut;
        std::uint64_t offset; // of a cut the new size
        bytes data;
    };
    struct name_change {
        std::string from, to; // one of them may be empty: made, removed
        std::size_t moved;
    };
    using name_table = std::map<std::string, std::size_t>;
    struct node {
        bool is_folder = false;
        bytes content, durable;
        std::vector<content_change> changes;
        name_table names, durable_names;
        std::vector<name_change> name_changes;
    };

    // The names between the root and `path`.
    std::vector<std::string> names_of(const std::string& path) const {
        if (path.compare(0, root_.size(), root_) != 0) throw std::logic_error("outside the disk: " + path);
        std::vector<std::string> names;
        for (const auto& part : std::filesystem::path(path).lexically_relative(root_))
            if (part != ".") names.push_back(part.native());
        return names;
    }
    std::size_t node_at(const std::string& path) const {
        std::size_t at = 0;
        for (const std::string& name : names_of(path)) at = nodes_[at].names.at(name);
        return at;
    }
    node& parent_of(const std::string& path) {
        return nodes_[node_at(std::filesystem::path(path).parent_path().native())];
    }
    static std::string last_name(const std::string& path) {
        return std::filesystem::path(path).filename().native();
    }
    bool exists(const std::string& path) { return parent_of(path).names.contains(last_name(path)); }
    std::size_t added(const std::string& path, bool is_folder) {
        nodes_.emplace_back().is_folder = is_folder;
        const std::size_t number = nodes_.size() - 1;
        node& parent = parent_of(path);
        parent.names[last_name(path)] = number;
        parent.name_changes.push_back({{}, last_name(path), number});
        return number;
    }
    void rename(const std::string& from, const std::string& to, std::size_t moved) {
        node& parent = parent_of(from);
        if (!to.empty() && &parent_of(to) != &parent)
            throw std::logic_error("moved to another folder: " + to);
        const name_change one{last_name(from), to.empty() ? to : last_name(to), moved};
        apply(one, parent.names);
        parent.name_changes.push_back(one);
    }
    static void apply(const name_change& one, name_table& names) {
        if (!one.to.empty()) names[one.to] = one.moved;
        if (!one.from.empty()) names.erase(one.from);
    }

    void change(std::size_t number, content_change one) {
        apply(one, one.data.size(), nodes_[number].content);
        nodes_[number].changes.push_back(std::move(one));
    }
    static void apply(const content_change& one, std::size_t count, bytes& content) {
        if (one.cut) {
            content.resize(static_cast<std::size_t>(one.offset));
            return;
        }
        const auto offset = static_cast<std::size_t>(one.offset);
        if (count != 0) content.resize(std::max(content.size(), offset + count));
        std::copy_n(one.data.begin(), count, content.begin() + static_cast<std::ptrdiff_t>(offset));
    }

    static bytes content_of(const node& file, const survival& left) {
        bytes content = file.durable;
        if (left.hollow) {
            if (file.content.size() > content.size()) content.resize(file.content.size());
            return content;
        }
        std::size_t whole = left.contents == survival::part::all ? file.changes.size() : 0;
        if (left.contents == survival::part::some) whole = left.chance->below(file.changes.size() + 1);
        for (std::size_t i = 0; i < whole; ++i) apply(file.changes[i], file.changes[i].data.size(), content);
        if (left.contents == survival::part::some && whole < file.changes.size()) {
            const content_change& torn = file.changes[whole];
            if (!torn.cut) apply(torn, left.chance->below(torn.data.size() + 1), content);
        }
        return content;
    }
    void build_folder(const node& folder, const std::filesystem::path& target, const survival& left) const {
        std::filesystem::create_directory(target);
        name_table names = folder.durable_names;
        for (const name_change& one : folder.name_changes)
            if (left.names == survival::part::all ||
                (left.names == survival::part::some && left.chance->below(2) == 1))
                apply(one, names);
        for (const auto& [name, number] : names) {
            const node& one = nodes_[number];
            if (one.is_folder)
                build_folder(one, target / name, left);
            else
                write_whole_file(target / name, content_of(one, left));
        }
    }
    void collect(const node& folder, const std::string& prefix, std::map<std::string, bytes>& found) const {
        for (const auto& [name, number] : folder.names) {
            if (nodes_[number].is_folder)
                collect(nodes_[number], prefix + name + "/", found);
            else
                found.emplace(prefix + name, nodes_[number].content);
        }
    }

    std::string root_;
    std::vector<node> nodes_; // the first is the root
    std::map<int, std::size_t> open_;
};

// What is really in the folder, to compare with disk_model::files.
inline std::map<std::string, bytes> files_below(const std::filesystem::path& root) {
    std::map<std::string, bytes> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
        if (entry.is_regular_file())
            found.emplace(entry.path().lexically_relative(root).native(), read_whole_file(entry.path()));
    return found;
}

} // namespace veilsum::test
