// A party's own copy of the aggregator's log: records, the bodies it needed, the newest checkpoint.
//
//     aggregator's reply --signature, inclusion, chain, the role's own check--> this folder, durable
//
// Only what a signed checkpoint covers is taken, and each record only after the role has checked it. The copy
// does not forget: a log that later lacks a record, or has another in its place, is refused, before and after
// a restart. The checkpoint that was given instead is kept beside the copy as `contradiction`: of another
// log, it shows together with the copy's own that the aggregator signed two; of a shorter one, it shows only
// what the aggregator answered.
//
// The folder is a record as `audit` reads it (audit/file_store.hpp); a copy whose role read every body is
// whole.
#pragma once

#include "cluster/connection.hpp"
#include "support/files.hpp"

#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace cluster {

namespace aggregation = veilsum::aggregation;

// A record folder that may not be there yet, or only in part: creation was interrupted before anything was
// promised.
inline result<audit::file_store> open_record_folder(const std::filesystem::path& path) {
    std::error_code failure;
    if (std::filesystem::exists(path / "log", failure)) return audit::file_store::open_for_writing(path);
    std::filesystem::remove(path / "bodies", failure); // both only if they are empty
    std::filesystem::remove(path, failure);
    return audit::file_store::create(path);
}

class log_copy {
  public:
    // Checks a record and takes it into account, before it is kept.
    using record_check = std::function<result<void>(const audit::record&, const aggregation::body_reader&)>;

    static result<log_copy> open(const std::filesystem::path& path,
                                 const veilsum::sign::verifying_key& log_key) {
        auto store = open_record_folder(path);
        if (!store) return store.error();
        return log_copy(path, *std::move(store), log_key);
    }

    const audit::file_store& store() const { return store_; }
    // Whether the copy ends where the newest checkpoint that was seen does.
    bool is_complete() const { return covered_ && *covered_ == store_.size(); }

    // From the first record, which is asked for if the copy has none yet. It is not kept here.
    result<aggregation::session_header> session(connection& from) const {
        auto first = store_.size() > 0 ? store_.read(0) : result<audit::record>(audit::record{});
        if (!first) return first.error();
        if (store_.size() == 0) {
            const auto answer = from.ask(records_request{0});
            if (!answer) return answer.error();
            const auto* got = std::get_if<records_reply>(&*answer);
            if (got == nullptr) return unexpected(*answer);
            if (got->records.empty()) return error{errc::missing, "first record"};
            first = audit::record::parse(got->records.front().record);
            if (!first) return first.error();
        }
        return header_of(*first);
    }

    // What the copy holds already.
    result<void> replay(connection& from, const record_check& check) {
        for (std::uint64_t index = 0; index < store_.size(); ++index) {
            const auto record = store_.read(index);
            if (!record) return record.error();
            if (auto good = check(*record, bodies(from)); !good) return good;
        }
        return {};
    }

    // One exchange: the next records that the newest checkpoint covers.
    result<void> advance(connection& from, const record_check& check) {
        const auto answer = from.ask(records_request{store_.size()});
        if (!answer) return answer.error();
        const auto* got = std::get_if<records_reply>(&*answer);
        if (got == nullptr) return unexpected(*answer);
        const auto tip = verified_tip(*got);
        if (!tip) return tip.error();
        if (tip->size < store_.size())
            return contradicted(got->note, errc::missing, "records that the aggregator has signed for");
        if (tip->size > store_.size() && got->records.empty())
            return by_aggregator(errc::missing, "records that the checkpoint covers");
        for (const proved_record& each : got->records)
            if (auto kept = keep(each, *tip, from, check); !kept) return kept;
        covered_ = tip->size;
        if (store_.size() < tip->size || note_ == got->note) return {};
        if (store_.root() != tip->root)
            return contradicted(got->note, errc::mismatch, "log that the aggregator has signed");
        if (auto written = store_.write_checkpoint(got->note); !written) return written;
        note_ = got->note;
        return {};
    }

    // Bodies come from the copy, else from the aggregator, and then stay here. Believed for their digest
    // only.
    aggregation::body_reader bodies(connection& from) {
        return [this, &from](const digest32& digest, std::size_t max_bytes) -> result<bytes> {
            if (store_.has_body(digest)) return store_.get_body(digest, max_bytes);
            auto body = fetch(from, digest, max_bytes);
            if (!body) return body;
            if (auto put = store_.put_body(*body); !put) return put.error();
            return body;
        };
    }

  private:
    log_copy(std::filesystem::path path, audit::file_store store, const veilsum::sign::verifying_key& log_key)
        : path_(std::move(path)), store_(std::move(store)), log_key_(log_key) {}

    static error by_aggregator(errc code, std::string_view what) {
        return error{code, what, 0, {}, aggregation::name_of_aggregator()};
    }
    error contradicted(const std::string& note, errc code, std::string_view what) const {
        const auto evidence = path_.parent_path() / "contradiction";
        (void)examples::write_new_file(evidence, veilsum::as_bytes(note)); // the first one stays
        return by_aggregator(code, what).at("checkpoint in " + evidence.string());
    }

    result<aggregation::session_header> header_of(const audit::record& first) const {
        if (first.type != static_cast<std::uint16_t>(aggregation::record_type::session_opened))
            return error{errc::malformed, "first record is not session_opened"};
        auto header = aggregation::session_header::parse(first.body);
        if (header && header->aggregator != log_key_.bytes())
            return error{errc::wrong_key, "log key of the session", 0, "record 0"};
        return header;
    }

    result<audit::checkpoint> verified_tip(const records_reply& got) {
        if (!origin_) {
            auto first = store_.size() > 0     ? store_.read(0)
                         : got.records.empty() ? result<audit::record>(error{errc::missing, "first record"})
                                               : audit::record::parse(got.records.front().record);
            if (!first) return first.error();
            const auto header = header_of(*first);
            if (!header) return header.error();
            origin_ = header->origin;
        }
        return audit::verify_checkpoint(got.note, *origin_, log_key_);
    }

    result<void> keep(const proved_record& given, const audit::checkpoint& tip, connection& from,
                      const record_check& check) {
        const auto record = audit::record::parse(given.record);
        if (!record) return record.error();
        if (record->sequence != store_.size()) return by_aggregator(errc::mismatch, "number of the record");
        const std::string place = audit::record_place(record->sequence);
        if (auto included = audit::verify_inclusion(tip.root, tip.size, record->sequence,
                                                    audit::leaf_hash(given.record), given.proof);
            !included)
            return error(included.error()).at(place).by(aggregation::name_of_aggregator());
        if (record->previous != store_.head())
            return by_aggregator(errc::mismatch, "record does not continue the copy").at(place);
        if (auto good = check(*record, bodies(from)); !good) return good;
        const auto written = store_.append(record->type, record->version, record->body);
        if (!written) return written.error();
        return {};
    }

    static result<bytes> fetch(connection& from, const digest32& digest, std::size_t max_bytes) {
        bytes body;
        for (std::uint64_t total = 1; body.size() < total;) {
            const auto answer = from.ask(body_request{digest, body.size()});
            if (!answer) return answer.error();
            const auto* got = std::get_if<piece_reply>(&*answer);
            if (got == nullptr) return unexpected(*answer);
            if (!body.empty() && got->total != total)
                return by_aggregator(errc::mismatch, "length of a body").at(audit::body_place(digest));
            total = got->total;
            if (total > max_bytes)
                return by_aggregator(errc::out_of_range, "length of a body").at(audit::body_place(digest));
            if (got->piece.size() > total - body.size() || (got->piece.empty() && total > 0))
                return by_aggregator(errc::malformed, "piece of a body").at(audit::body_place(digest));
            body.insert(body.end(), got->piece.begin(), got->piece.end());
        }
        if (veilsum::hash::sha256(body) != digest)
            return by_aggregator(errc::mismatch, "digest of a body").at(audit::body_place(digest));
        return body;
    }

    std::filesystem::path path_;
    audit::file_store store_;
    veilsum::sign::verifying_key log_key_;
    std::optional<std::string> origin_;
    std::optional<std::uint64_t> covered_;
    std::string note_; // the last one written
};

} // namespace cluster
