// Decoders of the log: records, notes, proofs, receipts, and the files of a log folder.
//
//      0  record::parse                       9  receipt::parse, receipt::verify, verify_against
//      1  record_header::parse               10  log_file::open_for_reading, log_reader::open,
//                                                frame_scanner::open
//      2  parse_signature_line               11  log_file::open_for_writing, made frames
//      3  parse_note, verify_note            12  journal::open_existing
//      4  checkpoint::parse                  13  journal::open, made frames
//      5  verify_checkpoint                  14  file_store::open_for_reading, log_reader::read_checkpoint
//      6  verify_cosignature                 15  file_store::open_for_writing, signed again
//      7  read_proof, verify_inclusion       16  issue_receipt
//      8  read_proof, verify_consistency     17  check_new_checkpoint
//
// "made frames": the input is the contents of the frames, which get the lengths, chain and checks they need,
// so that what lies behind these checks is reached; its first octets damage one place of the file. "signed
// again": likewise with the signature of a checkpoint.
#include "fuzz/decoders.hpp"

#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/cosignature.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/audit/log_frame.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/receipt.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/wire/writer.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using namespace veilsum::audit;
using test::seeded_random;

constexpr std::string_view origin = "fuzz.example/log";
constexpr std::string_view witness_name = "witness.example";

// A log of seven records, its keys, and the checkpoint of its first five and of all seven.
struct world {
    sign::signing_key key, witness;
    memory_store log;
    std::string note, later_note;
    std::string cosigned;
    receipt kept;
    consistency_proof growth;

    static sign::signing_key key_of(std::uint64_t seed) {
        seeded_random rng(seed);
        return sign::signing_key::generate(rng);
    }
    world() : key(key_of(1)), witness(key_of(2)) {
        const auto append = [this] {
            const bytes body(static_cast<std::size_t>(3 * log.size()), static_cast<std::uint8_t>(log.size()));
            require_value(log.append(static_cast<std::uint16_t>(1 + log.size()), 1, body), "appending");
        };
        while (log.size() < 5) append();
        note = sign_checkpoint({std::string(origin), log.size(), log.root()}, origin, key);
        require_value(log.write_checkpoint(note), "checkpoint");
        while (log.size() < 7) append();
        later_note = sign_checkpoint({std::string(origin), log.size(), log.root()}, origin, key);
        auto both = cosign_checkpoint(note, witness_name, witness, 1'700'000'000);
        require_value(both, "cosignature");
        cosigned = *std::move(both);
        auto issued = issue_receipt(log, 3, note);
        require_value(issued, "receipt");
        kept = *std::move(issued);
        growth = log.tree().consistency(5, 7);
    }
};
const world& here() {
    static const world made;
    return made;
}

// A folder in memory, where files stand whose contents the input says.
const test::temporary_folder& folder() {
    static const test::temporary_folder made(test::memory_backed());
    static const bool with_bodies = std::filesystem::create_directories(made / "bodies");
    require(with_bodies, "a folder for bodies");
    return made;
}
std::string place(std::string_view data, const std::string& name) {
    const std::string path = (folder() / name).string();
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(file >= 0 && ::write(file, data.data(), data.size()) == static_cast<::ssize_t>(data.size()),
            "writing a file");
    ::close(file);
    return path;
}
std::string place(byte_view data, const std::string& name) {
    return place(as_text(data), name);
}

// ---- frames that are made

// One octet changed, or an end that is missing, or nothing; what an interrupted write, a disk or somebody
// does.
void damage(bytes& file, std::uint8_t kind, std::uint16_t at, std::uint8_t value) {
    if (file.empty()) return;
    if (kind % 4 == 1) file[at % file.size()] ^= value;
    if (kind % 4 == 2) file.resize(at % file.size());
}
bytes log_of(parts& in) {
    bytes file(as_bytes(log_magic).begin(), as_bytes(log_magic).end());
    chain_verifier chain;
    for (std::uint8_t count = in.octet() % 8; count > 0; --count) {
        record entry{in.word(), in.word(), chain.size(), chain.head(), {}};
        const byte_view body = in.take(in.octet());
        entry.body.assign(body.begin(), body.end());
        const bytes canonical = entry.serialize();
        const auto digest = record_hash(byte_view(canonical));
        chain.advance(digest);
        const bytes frame = log_frame(canonical, digest);
        file.insert(file.end(), frame.begin(), frame.end());
    }
    return file;
}
bytes journal_of(parts& in) {
    bytes file(as_bytes(journal::magic).begin(), as_bytes(journal::magic).end());
    hash::digest32 mark{};
    for (std::uint8_t count = in.octet() % 8; count > 0; --count) {
        const byte_view entry = in.take(in.octet());
        wire::writer length;
        length.u32(static_cast<std::uint32_t>(entry.size()));
        mark = hash::sha256_of(byte_view(mark), length.view(), entry);
        wire::writer frame;
        frame.u32(static_cast<std::uint32_t>(entry.size()));
        frame.u32(~static_cast<std::uint32_t>(entry.size()));
        frame.fixed(entry);
        frame.fixed(mark);
        file.insert(file.end(), frame.view().begin(), frame.view().end());
    }
    return file;
}

// ---- what an opened log or journal must be: the whole file, or with a torn end what came before

bytes bytes_of(const log_file& log) {
    bytes file(as_bytes(log_magic).begin(), as_bytes(log_magic).end());
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        const auto entry = log.read(i);
        require_value(entry, "a record of an opened log can be read");
        require(entry->sequence == i, "a record stands at its number");
        const bytes canonical = entry->serialize();
        const auto digest = record_hash(byte_view(canonical));
        const bytes frame = log_frame(canonical, digest);
        file.insert(file.end(), frame.begin(), frame.end());
    }
    return file;
}
bool read_log(byte_view data) {
    const auto log = log_file::open_for_reading(place(data, "log"));
    const auto reader = log_reader::open(folder().path().native());
    require(log.has_value() == reader.has_value(), "both readers of a log agree");
    if (!accepted(log)) {
        require(log.error().check == reader.error().check, "both readers of a log fail at one check");
        return false;
    }
    require(equal(bytes_of(*log), data), "a log that is read is the whole file");
    require(reader->size() == log->size() && reader->head() == log->head() &&
                reader->root() == log->tree().root(),
            "both readers of a log see the same");
    std::uint64_t seen = 0;
    require_value(for_each_record(*reader,
                                  [&](const record& entry) -> result<void> {
                                      require(entry == *log->read(seen++),
                                              "the reader's records are the log's");
                                      return {};
                                  }),
                  "going through a log again");
    require(seen == log->size(), "all records are visited");
    return true;
}
bool write_log(byte_view data) {
    const std::string path = place(data, "log");
    bytes whole;
    {
        auto log = log_file::open_for_writing(path);
        if (!accepted(log)) {
            require(test::read_whole_file(path) == bytes(data.begin(), data.end()),
                    "what is refused is left as it is");
            return false;
        }
        const std::uint64_t before = log->size();
        const auto cut = log->cut_torn_tail();
        require_value(cut, "cutting a torn end");
        whole = bytes_of(*log);
        const std::size_t kept = data.size() - static_cast<std::size_t>(*cut);
        // A file shorter than its magic had nothing to lose, and is begun again.
        require(kept < log_magic.size() || (whole.size() == kept && equal(whole, data.first(kept))),
                "cutting leaves the complete records");
        require_value(log->append(9, 1, as_bytes("next")), "appending to an opened log");
        require(log->size() == before + 1, "one record more");
        whole = bytes_of(*log);
    }
    const auto again = log_file::open_for_reading(path);
    require_value(again, "what was written can be read");
    require(bytes_of(*again) == whole, "what was written is read");
    return true;
}
bool open_journal(byte_view data, bool create) {
    const std::string path = place(data, "journal");
    std::vector<bytes> entries;
    {
        auto opened = create ? journal::open(path) : journal::open_existing(path);
        if (!accepted(opened)) {
            require(test::read_whole_file(path) == bytes(data.begin(), data.end()),
                    "what is refused is left as it is");
            return false;
        }
        std::size_t length = journal::magic.size();
        for (const bytes& entry : opened->entries()) length += 8 + entry.size() + 32;
        require(data.size() < journal::magic.size() || length + opened->bytes_cut() == data.size(),
                "entries and the torn end are the whole file");
        require_value(opened->append(as_bytes("next")), "appending to a journal");
        entries = opened->entries();
    }
    const auto again = journal::open_existing(path);
    require_value(again, "a journal that was written opens");
    require(again->bytes_cut() == 0 && again->entries() == entries, "its entries are read");
    return true;
}

// ---- a folder: the log of `here`, beside a checkpoint that the input says

void place_folder(std::string_view note) {
    static const bytes content = [] {
        bytes file(as_bytes(log_magic).begin(), as_bytes(log_magic).end());
        for (std::uint64_t i = 0; i < here().log.size(); ++i) {
            const bytes canonical = here().log.read(i)->serialize();
            const auto digest = record_hash(byte_view(canonical));
            const bytes frame = log_frame(canonical, digest);
            file.insert(file.end(), frame.begin(), frame.end());
        }
        return file;
    }();
    place(content, "log");
    place(note, "checkpoint");
}
bool read_folder(byte_view data) {
    place_folder(as_text(data));
    const auto store = file_store::open_for_reading(folder().path());
    require_value(store, "a sound log opens for reading");
    const auto note = store->read_checkpoint();
    const auto reader = log_reader::open(folder().path().native());
    require_value(reader, "a sound log opens for a reader");
    require(reader->read_checkpoint().has_value() == note.has_value(), "both read the checkpoint");
    if (!accepted(note)) return false;
    require(*note == as_text(data), "a checkpoint is what the file holds");
    const auto tip = verify_checkpoint(*note, origin, here().key.verifying());
    if (!accepted(tip)) return false;
    require(check_covers(store->tree(), *tip).has_value(), "a signed checkpoint is one of this log");
    return true;
}
// The log's owner signs whatever the text says: its own writer must still refuse what is not this log.
std::string signed_again(byte_view data) {
    std::string text(as_text(data));
    if (text.empty() || text.back() != '\n') text += '\n';
    if (!is_note_text(text)) return text;
    return signed_note{text, {sign_note(text, origin, here().key)}}.serialize();
}
bool write_folder(byte_view data) {
    const std::string note = signed_again(data);
    place_folder(note);
    const auto store = file_store::open_for_writing(folder().path());
    if (!accepted(store)) return false;
    const auto tip = verify_checkpoint(note, origin, here().key.verifying());
    if (tip)
        require(check_covers(here().log.tree(), *tip).has_value(), "a writer goes on from its checkpoint");
    return true;
}

// ---- notes

bool read_note(byte_view data) {
    const auto note = parse_note(as_text(data));
    const bool read = one_spelling(data, note);
    if (!read) return false;
    require(note->signatures.size() <= max_note_signatures, "signature lines are within their cap");
    if (verify_note(*note, origin, here().key.verifying()))
        require(note->text == parse_note(here().note)->text ||
                    note->text == parse_note(here().later_note)->text,
                "a note that verifies is one that was signed");
    return true;
}
bool verify_tip(byte_view data) {
    const auto tip = verify_checkpoint(as_text(data), origin, here().key.verifying());
    if (!accepted(tip)) return false;
    require(check_covers(here().log.tree(), *tip).has_value(), "a checkpoint that verifies is of the log");
    return true;
}
bool verify_witness(byte_view data) {
    const auto note = parse_note(as_text(data));
    if (!accepted(note)) return false;
    const auto time = verify_cosignature(*note, witness_name, here().witness.verifying());
    if (!accepted(time)) return false;
    require(*time == 1'700'000'000 && note->text == parse_note(here().note)->text,
            "a cosignature is of the note and time that were signed");
    return true;
}

// ---- proofs

bool check_inclusion(byte_view data) {
    wire::reader in(data);
    const std::uint64_t size = in.u64(), index = in.u64();
    const auto proof = read_proof<inclusion_proof>(in);
    require(proof.path.size() <= max_proof_digests, "a proof is within its cap");
    if (!in.finish()) return false;
    wire::writer out;
    out.u64(size);
    out.u64(index);
    write_proof(out, proof);
    require(equal(out.view(), data), "a proof is written back the same");
    const memory_store& log = here().log;
    const leaf_hash leaf(byte_view(log.read(3)->serialize()));
    const auto shown = verify_inclusion(log.root(), size, index, leaf, proof);
    if (!accepted(shown)) return false;
    // The size is the verifier's: with another one the same root may be shown along another path.
    if (size == log.size())
        require(index == 3 && proof == log.tree().inclusion(3, size), "inclusion is shown of what is there");
    return true;
}
bool check_growth(byte_view data) {
    wire::reader in(data);
    const std::uint64_t old_size = in.u64(), new_size = in.u64();
    const auto proof = read_proof<consistency_proof>(in);
    if (!in.finish()) return false;
    const merkle_tree& tree = here().log.tree();
    const auto old_root = tree.root(std::min<std::uint64_t>(old_size, 7));
    const auto shown = verify_consistency(old_root, old_size, tree.root(), new_size, proof);
    if (!accepted(shown)) return false;
    if (new_size == 7) require(proof == tree.consistency(old_size, 7), "growth is shown by the one proof");
    return true;
}
bytes proof_sample(std::uint64_t first, std::uint64_t second, const auto& proof) {
    wire::writer out;
    out.u64(first);
    out.u64(second);
    write_proof(out, proof);
    return std::move(out).take();
}
bool read_receipt(byte_view data) {
    const auto read = receipt::parse(data);
    if (!one_spelling(data, read)) return false;
    const auto contents = read->verify(origin, here().key.verifying());
    if (!accepted(contents)) return true;
    require(contents->entry == *here().log.read(contents->entry.sequence),
            "a receipt is of a record of the log");
    require(
        read->verify_against(here().later_note, here().growth, origin, here().key.verifying()).has_value() ==
            (contents->tip.size == 5),
        "a receipt holds against the later checkpoint that continues its own");
    return true;
}
bool issue(byte_view data) {
    parts in(data);
    const std::uint64_t index = in.octet();
    const std::string note = signed_again(in.rest());
    const auto issued = issue_receipt(here().log, index, note);
    if (!accepted(issued)) return false;
    require_value(receipt::parse(issued->serialize()), "a receipt that is issued is read");
    return true;
}
bool next_checkpoint(byte_view data) {
    const auto tip =
        check_new_checkpoint(here().log.tree(), checkpoint{std::string(origin), 5, {}}, signed_again(data));
    if (!accepted(tip)) return false;
    require(tip->size >= 5 && tip->size <= 7 && tip->root == here().log.tree().root(tip->size),
            "a new checkpoint is of the log and not older");
    return true;
}

bytes log_sample() {
    test::temporary_folder unused(test::memory_backed());
    const std::string path = (unused / "log").string();
    {
        auto log = log_file::create(path);
        require_value(log, "creating a log");
        require_value(log->append(3, 1, as_bytes("hello")), "appending");
        require_value(log->append(4, 1, {}), "appending");
    }
    return test::read_whole_file(path);
}
bytes journal_sample() {
    test::temporary_folder unused(test::memory_backed());
    const std::string path = (unused / "journal").string();
    {
        auto made = journal::open(path);
        require_value(made, "creating a journal");
        require_value(made->append(as_bytes("first")), "appending");
        require_value(made->append({}), "appending");
    }
    return test::read_whole_file(path);
}
// Two contents; the octets in front say what to damage, which is nothing, or the end.
bytes made_sample(std::uint8_t kind, std::uint16_t at, bool with_types) {
    bytes out{kind, static_cast<std::uint8_t>(at >> 8), static_cast<std::uint8_t>(at), 0, 2};
    for (const std::uint8_t length : {std::uint8_t{5}, std::uint8_t{0}}) {
        if (with_types) out.insert(out.end(), {0, 3, 0, 1});
        out.push_back(length);
        out.insert(out.end(), length, 'x');
    }
    return out;
}
template <class Make>
bytes damaged(byte_view data, const Make& make) {
    parts in(data);
    const std::uint8_t kind = in.octet();
    const std::uint16_t at = in.word();
    const std::uint8_t value = in.octet();
    bytes file = make(in);
    damage(file, kind, at, value);
    return file;
}

const decoder all[] = {
    {"record::parse", [](byte_view data) { return one_spelling(data, record::parse(data)); },
     [] {
         return samples{here().log.read(0)->serialize(), here().log.read(3)->serialize()};
     }},
    {"record_header::parse",
     [](byte_view data) {
         const auto header = record_header::parse(data);
         if (!accepted(header)) return false;
         require(header->body_bytes <= max_record_body, "the length of a body is within its cap");
         const record empty{header->type, header->version, header->sequence, header->previous, {}};
         require(equal(byte_view(empty.serialize()).first(48), data.first(48)),
                 "a header is written back the same");
         return true;
     },
     [] {
         const bytes whole = here().log.read(3)->serialize();
         return samples{bytes(whole.begin(), whole.begin() + record_header_bytes)};
     }},
    {"parse_signature_line",
     [](byte_view data) {
         return one_spelling(data, parse_signature_line(as_text(data)), [](const note_signature& line) {
             std::string text = signature_line(line);
             text.pop_back();
             return text;
         });
     },
     [] {
         std::string line = signature_line(parse_note(here().note)->signatures[0]);
         line.pop_back();
         return samples{as_sample(line)};
     }},
    {"parse_note, verify_note", read_note,
     [] {
         return samples{as_sample(here().note), as_sample(here().cosigned),
                        as_sample("two\n\nparts\n\n\xe2\x80\x94 a AAAAAAA=\n")};
     }},
    {"checkpoint::parse",
     [](byte_view data) {
         return one_spelling(data, checkpoint::parse(as_text(data)),
                             [](const checkpoint& tip) { return tip.text(); });
     },
     [] {
         return samples{as_sample(parse_note(here().note)->text),
                        as_sample(checkpoint{std::string(origin), 0, empty_tree_root()}.text())};
     }},
    {"verify_checkpoint", verify_tip,
     [] {
         return samples{as_sample(here().note), as_sample(here().cosigned)};
     }},
    {"verify_cosignature", verify_witness, [] { return samples{as_sample(here().cosigned)}; }},
    {"read_proof, verify_inclusion", check_inclusion,
     [] { return samples{proof_sample(7, 3, here().log.tree().inclusion(3, 7))}; }},
    {"read_proof, verify_consistency", check_growth,
     [] {
         const merkle_tree& tree = here().log.tree();
         return samples{proof_sample(5, 7, here().growth), proof_sample(4, 7, tree.consistency(4, 7)),
                        proof_sample(7, 7, tree.consistency(7, 7))};
     }},
    {"receipt::parse, receipt::verify, verify_against", read_receipt,
     [] { return samples{here().kept.serialize()}; }},
    {"log_file::open_for_reading, log_reader::open, frame_scanner::open", read_log,
     [] {
         return samples{log_sample(), as_sample(log_magic)};
     }},
    {"log_file::open_for_writing", [](byte_view data) { return write_log(damaged(data, log_of)); },
     [] {
         return samples{made_sample(0, 0, true), made_sample(2, 100, true), made_sample(2, 3, true)};
     }},
    {"journal::open_existing", [](byte_view data) { return open_journal(data, false); },
     [] {
         return samples{journal_sample(), as_sample(journal::magic)};
     }},
    {"journal::open", [](byte_view data) { return open_journal(damaged(data, journal_of), true); },
     [] {
         return samples{made_sample(0, 0, false), made_sample(2, 40, false), made_sample(2, 3, false)};
     }},
    {"file_store::open_for_reading, file_store::read_checkpoint, log_reader::read_checkpoint, "
     "read_checkpoint_file",
     read_folder, [] { return samples{as_sample(here().note)}; }},
    {"file_store::open_for_writing", write_folder,
     [] {
         return samples{as_sample(parse_note(here().note)->text),
                        as_sample(parse_note(here().later_note)->text)};
     }},
    {"issue_receipt", issue,
     [] {
         bytes sample{3};
         const bytes text = as_sample(parse_note(here().note)->text);
         sample.insert(sample.end(), text.begin(), text.end());
         return samples{sample};
     }},
    {"check_new_checkpoint", next_checkpoint,
     [] {
         return samples{as_sample(parse_note(here().note)->text),
                        as_sample(parse_note(here().later_note)->text)};
     }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
