#include "audit/html_report.hpp"

#include "page_parts.hpp" // made of page.html, page.css, page_record.js and page.js when the program is built

#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/key_rotated.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/round_result.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/body_folder.hpp>
#include <veilsum/audit/frame_scanner.hpp>
#include <veilsum/audit/log_frame.hpp>
#include <veilsum/audit/merkle_frontier.hpp>
#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/wire/reader.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace audit_page {

namespace {

namespace aggregation = veilsum::aggregation;
namespace audit = veilsum::audit;
using aggregation::record_type;
using examples::byte_view;
using examples::bytes;
using examples::errc;
using examples::error;
using examples::result;
using veilsum::hash::digest32;

// The beginning of a file, and how long all of it is.
struct beginning {
    bytes data;
    std::uint64_t total = 0;
    std::string unreadable; // why nothing could be read; else empty
};

beginning read_beginning(const std::filesystem::path& path, std::size_t cap) {
    beginning made;
    const auto file = audit::posix_file::open(path.native(), audit::posix_file::access::read);
    const auto size = file ? file->size() : result<std::uint64_t>(file.error());
    if (!size) {
        made.unreadable = size.error().code == errc::missing ? "there is none" : "it could not be read";
        return made;
    }
    made.total = *size;
    made.data.resize(static_cast<std::size_t>(std::min<std::uint64_t>(*size, cap)));
    if (auto got = file->read_at(0, made.data); !got) {
        made.data.clear();
        made.unreadable = "it could not be read";
    }
    return made;
}

// The log of this verdict up to the last whole record within the cap: made of the very bytes of which size,
// root and head were found to be the verdict's.
result<beginning> read_named_log(const std::filesystem::path& path,
                                 const aggregation::audit_summary& summary) {
    const auto file = audit::posix_file::open(path.native(), audit::posix_file::access::read);
    if (!file) return file.error();
    const error changed{errc::mismatch, "log since it was audited", 0, path.string()};
    auto scanner = audit::frame_scanner::open(*file);
    if (!scanner) return changed;
    beginning made;
    const auto keep = [&](byte_view part) { made.data.insert(made.data.end(), part.begin(), part.end()); };
    keep(veilsum::as_bytes(audit::log_magic));
    audit::merkle_frontier tree;
    for (;;) {
        const auto next = scanner->next();
        if (!next) return changed;
        if (!*next) break;
        tree.append(audit::leaf_hash((*next)->canonical));
        if (scanner->end() <= max_log_bytes) keep(audit::log_frame((*next)->canonical, (*next)->digest));
    }
    if (scanner->torn() || tree.size() != summary.records || tree.root() != summary.root ||
        scanner->chain().head() != summary.head)
        return changed;
    made.total = scanner->file_bytes();
    return made;
}

// Sizes of the bodies that the records of one round name.
struct round_bytes {
    std::uint64_t contributions = 0;
    std::uint64_t partials = 0;
    std::uint64_t others = 0; // product, opening, model
};

// What the records name, collected from a log that nobody has checked.
class named_bodies {
  public:
    explicit named_bodies(std::filesystem::path folder) : folder_(std::move(folder)) {}

    void note(std::uint16_t type, byte_view body) {
        switch (static_cast<record_type>(type)) {
        case record_type::session_opened:
            if (const auto header = aggregation::session_header::parse(body)) embed(header->ceremony);
            break;
        case record_type::round_opened:
            if (const auto header = aggregation::round_header::parse(body); header && header->has_ledger())
                ledger_ = header->ledger;
            break;
        case record_type::key_rotated:
            if (const auto change = aggregation::key_rotated::parse(body)) embed(change->ceremony);
            break;
        case record_type::contribution:
            if (const auto entry = aggregation::contribution_record::parse(body))
                rounds_[entry->header.round].contributions += size_of(entry->header.body);
            break;
        case record_type::refusal:
            if (const auto entry = aggregation::refusal::parse(body))
                rounds_[entry->header.round].contributions += size_of(entry->header.body);
            break;
        case record_type::round_closed:
            if (const auto entry = aggregation::round_closed::parse(body))
                rounds_[entry->round].others += size_of(entry->aggregate);
            break;
        case record_type::partial:
        case record_type::partial_refusal:
            if (const auto entry = aggregation::partial_header::parse(body))
                rounds_[entry->round].partials += size_of(entry->body);
            break;
        case record_type::round_result:
            if (const auto entry = aggregation::round_result::parse(body))
                rounds_[entry->round].others += size_of(entry->opening) + size_of(entry->model);
            break;
        default:
            break;
        }
    }

    // After the last record. Of the ledgers the last holds all others; rosters follow from the record.
    void finish() {
        if (ledger_) embed(*ledger_);
    }

    // In the order of their naming, each once.
    const std::vector<bytes>& embedded() const { return embedded_; }
    nlohmann::json sizes() const {
        auto list = nlohmann::json::array();
        for (const auto& [round, size] : rounds_)
            list.push_back({std::to_string(round), size.contributions, size.partials, size.others});
        return list;
    }

  private:
    std::uint64_t size_of(const digest32& digest) const {
        std::error_code failure;
        const auto path = folder_ / veilsum::to_hex(digest);
        if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(path, failure))) return 0;
        const auto size = std::filesystem::file_size(path, failure);
        return failure ? 0 : size;
    }
    void embed(const digest32& digest) {
        if (!seen_.insert(digest).second) return;
        auto body = audit::body_folder(folder_.native()).get(digest, max_bodies_bytes - used_);
        if (!body) return;
        used_ += body->size();
        embedded_.push_back(*std::move(body));
    }

    std::filesystem::path folder_;
    std::set<digest32> seen_;
    std::size_t used_ = 0;
    std::vector<bytes> embedded_;
    std::optional<digest32> ledger_; // of the last round that has one
    std::map<std::uint64_t, round_bytes> rounds_;
};

// Visits the records from the front for as long as frames can be told apart; nothing else is checked here.
// Returns where the last whole frame ends.
std::size_t walk(byte_view log, named_bodies& bodies) {
    std::size_t end = std::min(audit::log_magic.size(), log.size());
    while (log.size() - end >= audit::frame_length_bytes) {
        const std::size_t length = veilsum::wire::reader(log.subspan(end, audit::frame_length_bytes)).u32();
        if (length > audit::max_record_bytes) break;
        const std::size_t frame = audit::frame_length_bytes + length + audit::frame_check_bytes;
        if (log.size() - end < frame) break;
        const auto record = audit::record::parse(log.subspan(end + audit::frame_length_bytes, length));
        if (!record) break;
        bodies.note(record->type, record->body);
        end += frame;
    }
    bodies.finish();
    return end;
}

// Inert inside an element of type script: no character of markup is left.
std::string inert_json(const nlohmann::json& value) {
    std::string safe;
    for (const char c : value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)) {
        if (c == '<' || c == '>' || c == '&') {
            constexpr std::string_view digits = "0123456789abcdef";
            const auto code = static_cast<unsigned char>(c);
            (safe += "\\u00").push_back(digits[code >> 4]);
            safe.push_back(digits[code & 15]);
        } else {
            safe.push_back(c);
        }
    }
    return safe;
}

std::string policy_source(std::string_view text) {
    const digest32 digest = veilsum::hash::sha256(veilsum::as_bytes(text));
    return "'sha256-" + audit::to_base64(digest) + "'";
}

// Nothing but the scripts and the style of this page runs or styles anything, and nothing is fetched or sent.
std::string policy() {
    return "default-src 'none'; script-src " + policy_source(parts::record_script) + " " +
           policy_source(parts::script) + "; style-src " + policy_source(parts::style) +
           "; base-uri 'none'; form-action 'none'";
}

class page_writer {
  public:
    explicit page_writer(std::ofstream& out) : out_(out) {}
    void text(std::string_view part) {
        hasher_.update(veilsum::as_bytes(part));
        out_.write(part.data(), static_cast<std::streamsize>(part.size()));
    }
    // Whole base64 groups at a time, so that the pieces make one text.
    void base64(byte_view data) {
        constexpr std::size_t piece = std::size_t{3} << 14;
        for (std::size_t at = 0; at < data.size(); at += piece)
            text(audit::to_base64(data.subspan(at, std::min(piece, data.size() - at))));
    }
    digest32 digest() { return hasher_.finish(); }

  private:
    std::ofstream& out_;
    veilsum::hash::sha256_hasher hasher_;
};

} // namespace

result<digest32> write(const std::filesystem::path& file, const std::filesystem::path& folder,
                       nlohmann::json statement, const aggregation::audit_summary& summary) {
    beginning log;
    if (summary.names_log()) {
        auto named = read_named_log(folder / "log", summary);
        if (!named) return named.error();
        log = *std::move(named);
    } else {
        log = read_beginning(folder / "log", max_log_bytes);
    }
    named_bodies bodies(folder / "bodies");
    const std::size_t whole = walk(log.data, bodies);
    // Only a record that the cap cuts goes: damage stays for the page to find.
    if (log.data.size() < log.total && log.data.size() - whole <= audit::max_record_bytes)
        log.data.resize(whole);
    const beginning note = read_beginning(folder / "checkpoint", audit::max_note_bytes);

    const auto now = std::chrono::system_clock::now().time_since_epoch();
    statement["written_at"] = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    statement["log"] = {{"bytes", log.total}, {"unreadable", log.unreadable}};
    statement["checkpoint"] = {{"bytes", note.total}, {"unreadable", note.unreadable}};
    statement["sizes"] = bodies.sizes();

    std::filesystem::path unfinished = file;
    unfinished += ".new";
    std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
    page_writer page(out);
    for (std::string_view rest = parts::html; !rest.empty();) {
        const std::size_t begin = std::min(rest.find("{{"), rest.size());
        page.text(rest.substr(0, begin));
        rest.remove_prefix(begin);
        if (rest.empty()) break;
        const std::size_t end = rest.find("}}");
        const std::string_view name = rest.substr(2, end - 2);
        rest.remove_prefix(end + 2);
        if (name == "policy") page.text(policy());
        if (name == "style") page.text(parts::style);
        if (name == "record_script") page.text(parts::record_script);
        if (name == "script") page.text(parts::script);
        if (name == "statement") page.text(inert_json(statement));
        if (name == "log") page.base64(log.data);
        if (name == "checkpoint") page.base64(note.data);
        if (name == "bodies")
            for (const bytes& body : bodies.embedded()) {
                page.base64(body);
                page.text("\n");
            }
    }
    out.close();
    std::error_code failure;
    if (out) std::filesystem::rename(unfinished, file, failure);
    if (!out || failure) {
        std::filesystem::remove(unfinished, failure);
        return error{errc::io, "cannot write file", 0, file.string()};
    }
    return page.digest();
}

} // namespace audit_page
