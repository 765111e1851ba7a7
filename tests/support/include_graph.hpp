// The architecture of include/ as something that can be checked: a table of rules, a tree of headers, and the
// list of places where the tree breaks the rules. tests/architecture/allowed_edges.txt is the table and
// explains its form; this header reads it and never touches the file system, except in `load_tree`.
#pragma once

#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace veilsum::test {

using text_lines = std::vector<std::string>;
using header_tree = std::map<std::string, std::string>; // "room/file.hpp" -> text

inline text_lines lines_of(const std::string& text) {
    text_lines lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline header_tree load_tree(const std::filesystem::path& root) {
    header_tree tree;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
        if (entry.is_regular_file())
            tree[entry.path().lexically_relative(root).generic_string()] = read_text(entry.path());
    return tree;
}

// "core/bytes.hpp" -> "core"; a header that lies in no room ("veilsum.hpp", "core.hpp") -> "".
inline std::string room_of(std::string_view header) {
    const std::size_t slash = header.find('/');
    return slash == std::string_view::npos ? std::string() : std::string(header.substr(0, slash));
}

inline constexpr std::string_view whole_umbrella = "veilsum.hpp";

// "core.hpp" -> "core", the room whose umbrella it is by its name.
inline std::string umbrella_room(const std::string& header) {
    return header.substr(0, header.find('.'));
}

struct rule_table {
    std::map<std::string, int> layers;                            // room -> layer
    std::vector<std::pair<std::string, std::string>> edges;       // room or header -> room or header
    std::vector<std::pair<std::string, std::string>> libraries;   // room or header -> prefix of an include
    std::vector<std::pair<std::string, std::string>> unreachable; // header -> header or room
    std::vector<std::pair<std::string, std::string>> words;       // word, "" or the header that may use it
    std::set<std::string> apart;                                  // rooms and headers the umbrella leaves out
    text_lines mistakes;                                          // lines of the table that make no sense
};

// A line is `KIND ... : REASON`; empty lines and lines that begin with # are comments.
inline rule_table parse_rules(const std::string& text) {
    rule_table table;
    for (const std::string& line : lines_of(text)) {
        if (line.empty() || line[0] == '#') continue;
        const std::size_t colon = line.find(" : ");
        std::istringstream stream(line.substr(0, colon));
        std::vector<std::string> field;
        for (std::string word; stream >> word;) field.push_back(word);
        const bool reason = colon != std::string::npos && line.size() > colon + 3;
        const std::size_t n = field.size();
        if (reason && n == 3 && field[0] == "room" && field[2].size() == 1 && std::isdigit(field[2][0]) != 0)
            table.layers[field[1]] = field[2][0] - '0';
        else if (reason && n == 4 && field[0] == "edge" && field[2] == "->")
            table.edges.emplace_back(field[1], field[3]);
        else if (reason && n == 4 && field[0] == "library" && field[2] == "->")
            table.libraries.emplace_back(field[1], field[3]);
        else if (reason && n == 4 && field[0] == "unreachable" && field[2] == "->")
            table.unreachable.emplace_back(field[1], field[3]);
        else if (reason && n == 2 && field[0] == "word")
            table.words.emplace_back(field[1], "");
        else if (reason && n == 4 && field[0] == "word" && field[2] == "except")
            table.words.emplace_back(field[1], field[3]);
        else if (reason && n == 2 && field[0] == "apart")
            table.apart.insert(field[1]);
        else
            table.mistakes.push_back("table: cannot read: " + line);
    }
    return table;
}

// Blanks comments and the contents of string and character literals, keeping line breaks. A ' between digits
// separates digits. Raw strings are not known: `check_tree` refuses them.
inline std::string code_of(const std::string& text) {
    std::string code;
    std::size_t i = 0;
    const auto at = [&](std::size_t k) { return k < text.size() ? text[k] : '\0'; };
    while (i < text.size()) {
        if (at(i) == '/' && at(i + 1) == '/') {
            while (i < text.size() && text[i] != '\n') ++i;
        } else if (at(i) == '/' && at(i + 1) == '*') {
            for (; i < text.size() && !(at(i) == '*' && at(i + 1) == '/'); ++i)
                if (text[i] == '\n') code.push_back('\n');
            i += 2;
        } else if (at(i) == '"' ||
                   (at(i) == '\'' && (i == 0 || std::isxdigit(static_cast<unsigned char>(at(i - 1))) == 0))) {
            const char quote = at(i);
            code.push_back(quote);
            for (++i; i < text.size() && text[i] != quote && text[i] != '\n'; ++i)
                if (text[i] == '\\') ++i;
            code.push_back(quote);
            ++i;
        } else {
            code.push_back(text[i++]);
        }
    }
    return code;
}

// Whether `word` stands in `code` by itself, not as a part of a longer identifier.
inline bool uses_word(const std::string& code, const std::string& word) {
    const auto inside = [&](std::size_t k) {
        return k < code.size() && (std::isalnum(static_cast<unsigned char>(code[k])) != 0 || code[k] == '_');
    };
    for (std::size_t at = code.find(word); at != std::string::npos; at = code.find(word, at + 1))
        if (!(at > 0 && inside(at - 1)) && !inside(at + word.size())) return true;
    return false;
}

struct include_line {
    std::string target; // what stands between the brackets
    bool angled;
};

inline std::vector<include_line> includes_of(const std::string& text) {
    std::vector<include_line> includes;
    for (const std::string& line : lines_of(text)) {
        std::size_t i = line.find_first_not_of(" \t");
        if (i == std::string::npos || line[i] != '#') continue;
        i = line.find_first_not_of(" \t", i + 1);
        if (i == std::string::npos || line.compare(i, 7, "include") != 0) continue;
        i = line.find_first_of("<\"", i);
        const std::size_t end = i == std::string::npos ? i : line.find_first_of(">\"", i + 1);
        // An include without a plain name (a macro) is reported as the empty name, which no rule allows.
        includes.push_back(end == std::string::npos
                               ? include_line{"", true}
                               : include_line{line.substr(i + 1, end - i - 1), line[i] == '<'});
    }
    return includes;
}

inline constexpr std::string_view own_prefix = "veilsum/";

// Headers of our own that `from` includes, directly.
inline std::vector<std::string> own_includes(const std::string& text) {
    std::vector<std::string> own;
    for (const include_line& include : includes_of(text))
        if (include.target.rfind(own_prefix, 0) == 0) own.push_back(include.target.substr(own_prefix.size()));
    return own;
}

// Every header that `from` brings in, itself included, with the header that brought it.
inline std::map<std::string, std::string> reach(const header_tree& tree, const std::string& from) {
    std::map<std::string, std::string> came_from{{from, ""}};
    std::vector<std::string> open{from};
    while (!open.empty()) {
        const std::string header = open.back();
        open.pop_back();
        const auto found = tree.find(header);
        if (found == tree.end()) continue;
        for (const std::string& next : own_includes(found->second))
            if (came_from.emplace(next, header).second) open.push_back(next);
    }
    return came_from;
}

inline bool covers(const std::string& rule, const std::string& header) {
    return rule == header || (!room_of(header).empty() && rule == room_of(header));
}

// The C++ standard library's headers have neither slash nor dot; of C's we use <cstdint> and its kind.
inline bool is_standard(const std::string& include) {
    return !include.empty() && include.find_first_of("/.") == std::string::npos;
}

// veilsum.hpp brings in every header that the table does not set apart. ROOM.hpp includes the headers of its
// room, all but those set apart one by one, and nothing else; every room has one.
inline void check_umbrellas(const header_tree& tree, const rule_table& table, text_lines& found) {
    std::map<std::string, std::set<std::string>> rooms;
    for (const auto& [header, text] : tree) {
        if (const std::string room = room_of(header); !room.empty()) rooms[room].insert(header);
    }
    for (const auto& [room, headers] : rooms) {
        if (table.layers.count(room) == 0) continue; // reported already
        const std::string umbrella = room + ".hpp";
        const auto text = tree.find(umbrella);
        if (text == tree.end()) {
            found.push_back("there is no umbrella " + umbrella);
            continue;
        }
        std::set<std::string> included;
        for (const include_line& include : includes_of(text->second)) {
            const std::string name = include.target.rfind(own_prefix, 0) == 0
                                         ? include.target.substr(own_prefix.size())
                                         : "<" + include.target + ">";
            if (headers.count(name) == 0 || table.apart.count(name) != 0)
                found.push_back(umbrella + " brings in " + name);
            included.insert(name);
        }
        for (const std::string& header : headers)
            if (table.apart.count(header) == 0 && included.count(header) == 0)
                found.push_back(umbrella + " leaves out " + header);
    }
    for (const auto& [header, text] : tree)
        if (room_of(header).empty() && header != whole_umbrella && rooms.count(umbrella_room(header)) == 0)
            found.push_back(header + ": lies in no room and is no umbrella");

    const std::string whole(whole_umbrella);
    if (tree.count(whole) == 0) {
        found.push_back("there is no umbrella " + whole);
        return;
    }
    const auto reached = reach(tree, whole);
    for (const auto& [header, text] : tree) {
        const std::string room = room_of(header).empty() ? umbrella_room(header) : room_of(header);
        const bool apart = table.apart.count(header) != 0 || table.apart.count(room) != 0;
        if (apart && reached.count(header) != 0) found.push_back(whole + " brings in " + header);
        if (!apart && reached.count(header) == 0) found.push_back(whole + " leaves out " + header);
    }
}

// Each violation is one line that says what to change.
inline text_lines check_tree(const header_tree& tree, const rule_table& table) {
    text_lines found = table.mistakes;
    std::set<std::size_t> used_edges, used_libraries;
    std::map<std::string, std::set<std::string>> room_graph;

    for (const auto& [header, text] : tree) {
        const std::string room = room_of(header);
        const bool umbrella = room.empty();
        if (!umbrella && table.layers.count(room) == 0) {
            found.push_back(header + ": room '" + room + "' is not in the table");
            continue;
        }
        if (text.rfind("//", 0) != 0) found.push_back(header + ": does not open with a comment");
        if (text.find("#pragma once") == std::string::npos) found.push_back(header + ": no #pragma once");
        for (const include_line& include : includes_of(text)) {
            const std::string& target = include.target;
            if (!include.angled) {
                found.push_back(header + ": includes \"" + target + "\": write <veilsum/room/file.hpp>");
                continue;
            }
            if (target.rfind(own_prefix, 0) == 0) {
                const std::string to = target.substr(own_prefix.size());
                const std::string to_room = room_of(to);
                if (tree.count(to) == 0) {
                    found.push_back(header + ": includes " + to + ", which does not exist");
                    continue;
                }
                if (umbrella || to_room == room) continue;
                if (to_room.empty()) {
                    found.push_back(header + ": includes the umbrella " + to);
                    continue;
                }
                if (table.layers.count(to_room) == 0) continue; // reported where the tree comes to that room
                if (table.layers.at(to_room) > table.layers.at(room))
                    found.push_back(header + ": includes upward: " + to);
                room_graph[room].insert(to_room);
                bool allowed = false;
                for (std::size_t e = 0; e < table.edges.size(); ++e)
                    if (covers(table.edges[e].first, header) && covers(table.edges[e].second, to)) {
                        allowed = true;
                        used_edges.insert(e);
                    }
                if (!allowed) found.push_back(header + ": includes " + to + ": no such edge in the table");
            } else if (!is_standard(target)) {
                bool allowed = false;
                for (std::size_t l = 0; l < table.libraries.size(); ++l)
                    if (covers(table.libraries[l].first, header) &&
                        target.rfind(table.libraries[l].second, 0) == 0) {
                        allowed = true;
                        used_libraries.insert(l);
                    }
                if (!allowed)
                    found.push_back(header + ": includes <" + target + ">: library not allowed here");
            }
        }
        const std::string code = code_of(text);
        if (code.find("R\"") != std::string::npos) found.push_back(header + ": raw string literal");
        std::set<std::string> excused;
        for (const auto& [word, exception] : table.words)
            if (exception == header) excused.insert(word);
        for (const auto& [word, exception] : table.words)
            if (exception.empty() && excused.count(word) == 0 && uses_word(code, word))
                found.push_back(header + ": uses '" + word + "'");
    }

    for (std::size_t e = 0; e < table.edges.size(); ++e) {
        const auto& [from, to] = table.edges[e];
        if (used_edges.count(e) == 0) found.push_back("table: edge is not used: " + from + " -> " + to);
    }
    for (std::size_t l = 0; l < table.libraries.size(); ++l)
        if (used_libraries.count(l) == 0)
            found.push_back("table: library is not used: " + table.libraries[l].first + " -> " +
                            table.libraries[l].second);

    // Two rooms of one layer may see one another in one direction only.
    for (const auto& [room, targets] : room_graph)
        for (const std::string& target : targets) {
            const auto back = room_graph.find(target);
            if (room < target && back != room_graph.end() && back->second.count(room) != 0)
                found.push_back("rooms include each other: " + room + ", " + target);
        }

    for (const auto& [from, to] : table.unreachable) {
        bool exists = false;
        for (const auto& [header, text] : tree) exists = exists || covers(to, header);
        if (tree.count(from) == 0 || !exists) {
            found.push_back("table: rule names a header that does not exist: " + from + " -> " + to);
            continue;
        }
        const auto came_from = reach(tree, from);
        for (const auto& [header, by] : came_from)
            if (covers(to, header)) {
                std::string path = header;
                for (std::string step = by; !step.empty(); step = came_from.at(step))
                    path = step + " -> " + path;
                found.push_back("must not reach " + to + ": " + path);
            }
    }

    check_umbrellas(tree, table, found);
    return found;
}

} // namespace veilsum::test
