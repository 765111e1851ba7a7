// Hash chain: each record holds the hash of the one before it.
//
//     record 0: sequence 0, previous = 32 zero bytes
//     record i: sequence i, previous = SHA-256(record i - 1)
//
// Whoever trusts the hash of record i trusts records 0..i. The chain does not protect its own end: dropping
// the last records leaves a chain that is just as good. Check the log against a checkpoint as well
// (audit/rollback.hpp).
//
// Numbered checks, the place always "record i" with i the position in the log:
//     1  the record's bytes are canonical
//     2  its sequence number is its position             errc::mismatch
//     3  it holds the hash of the record before it       errc::mismatch
//
//     chain_verifier chain;
//     for (const bytes& entry : log)
//         if (auto fed = chain.feed(entry); !fed) return fed.error();
//     use(chain.size(), chain.head());
#pragma once

#include <veilsum/audit/record.hpp>

#include <cstdint>
#include <string>

namespace veilsum::audit {

// The place of errors about a record: "record 7".
inline std::string record_place(std::uint64_t position) {
    return "record " + std::to_string(position);
}

// Takes the records in order and holds hash and number of the last.
class chain_verifier {
  public:
    std::uint64_t size() const { return size_; }
    // Hash of the last record; zeros before the first.
    const hash::digest32& head() const { return head_; }

    // Checks 2 and 3 for the record that would come next.
    result<void> follows(std::uint64_t sequence, const hash::digest32& previous) const {
        if (sequence != size_) return error{errc::mismatch, "record sequence number", 2, record_place(size_)};
        if (previous != head_)
            return error{errc::mismatch, "hash of the previous record", 3, record_place(size_)};
        return {};
    }

    // All checks; the verifier moves on only when they hold.
    result<record> feed(byte_view canonical) {
        auto entry = record::parse(canonical);
        if (!entry) return std::move(entry).error().in_check(1).at(record_place(size_));
        if (auto linked = follows(entry->sequence, entry->previous); !linked) return linked.error();
        advance(record_hash(canonical));
        return entry;
    }

    // For a caller that has checked the record already and has its hash.
    void advance(const hash::digest32& hash_of_record) {
        head_ = hash_of_record;
        ++size_;
    }

  private:
    std::uint64_t size_ = 0;
    hash::digest32 head_{};
};

} // namespace veilsum::audit
