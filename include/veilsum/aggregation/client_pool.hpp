// The pool: which clients a session has now, with which weights, and the cohort drawn from them.
//
//     enrolment, removal records --> pool --everybody(), draw()--> roster of a round
//
// A roster is not chosen. It is the whole pool, or the `count` clients of the least tickets
//
//     SHA-256( draw label | session | opening | round u64 | client id )
//
// where `opening` is the digest of the opening of the last round that had a result. It holds the sums of the
// blindings of all counted clients: while one of them is honest and fewer than a quorum of trustees are
// corrupt, nobody knows it before it is opened. Clients whose enrolment began after that round was opened are
// not drawn, since somebody could have made a key with a small ticket by then.
//
// What the aggregator can still do, on the record: give a round up and draw again for the next number, or
// remove clients whose tickets are small.
//
// Memory: some hundred bytes a client that ever enrolled.  spec: wire-format, section 4
#pragma once

#include <veilsum/aggregation/enrolment.hpp>
#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/roster.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// Where a draw comes from: an opening, and the number of the record that opened its round.
struct draw_randomness {
    hash::digest32 opening;  // digest of the opening that tickets are hashed from
    std::uint64_t opened_at; // number of the record that opened the round; later enrolments are not drawn
};

class client_pool {
    struct standing {
        std::uint64_t serial = 0; // enrolments of this client so far
        std::uint64_t last = 0;   // record of the last one
        std::uint32_t weight = 0; // 0: not in the pool
        std::uint64_t since = 0;  // record that put it in
    };

  public:
    // Clients in the pool.
    std::size_t size() const { return size_; }
    // Empty for a client that is not in the pool.
    std::optional<std::uint32_t> weight_of(const client_id& client) const {
        const standing* at = find(client);
        if (at == nullptr || at->weight == 0) return std::nullopt;
        return at->weight;
    }
    // What this client's next enrolment must carry.
    std::uint64_t next_serial(const client_id& client) const {
        const standing* at = find(client);
        return at == nullptr ? 0 : at->serial;
    }
    // Number of the record of this client's last enrolment.
    std::optional<std::uint64_t> last_enrolment(const client_id& client) const {
        const standing* at = find(client);
        if (at == nullptr || at->serial == 0) return std::nullopt;
        return at->last;
    }

    // May this enrolment come next? errc::duplicate: the serial of an earlier one; errc::bad_signature;
    // errc::missing: a client leaves that is not there; errc::out_of_range: the pool is full.
    result<client_id> check(const enrolment& next, const hash::digest32& session) const {
        const auto client = client_id::parse(next.client);
        if (!client) return error(client.error()).in_check(0);
        if (next.serial != next_serial(*client)) return error{errc::duplicate, "serial of the enrolment"};
        if (!client->verify(enrolment_label, next.signed_message(session), next.signature))
            return error{errc::bad_signature, "enrolment"};
        const bool there = weight_of(*client).has_value();
        if (next.weight == 0 && !there) return error{errc::missing, "client that leaves"};
        if (next.weight != 0 && !there && size_ >= roster::max_clients)
            return error{errc::out_of_range, "number of enrolled clients"};
        return *client;
    }
    // The client must be in the pool (errc::missing).
    result<client_id> check(const removal& next) const {
        const auto client = client_id::parse(next.client);
        if (!client) return error(client.error()).in_check(0);
        if (!weight_of(*client)) return error{errc::missing, "client that is removed"};
        return *client;
    }

    // After `check`; `record` is the number of the record.
    void enrol(const client_id& client, const enrolment& next, std::uint64_t record) {
        standing& at = clients_[client];
        const bool there = at.weight != 0;
        ++at.serial;
        at.last = record;
        at.weight = next.weight;
        if (!there) at.since = record;
        if (there && next.weight == 0) --size_;
        if (!there && next.weight != 0) ++size_;
    }
    // After `check`: the client leaves. A client that is not in the pool is a broken contract.
    void remove(const client_id& client) {
        standing& at = clients_.at(client);
        expects(at.weight != 0);
        at.weight = 0;
        --size_;
    }

    // errc::missing: the pool is empty.
    result<roster> everybody() const {
        std::vector<roster_entry> entries;
        entries.reserve(size_);
        for (const auto& [client, at] : clients_)
            if (at.weight != 0) entries.push_back({client, at.weight});
        return roster::of(std::move(entries));
    }
    // `count` clients, at least 1. errc::out_of_range: fewer can take part.
    result<roster> draw(const hash::digest32& session, const draw_randomness& by, std::uint64_t round,
                        std::uint32_t count) const {
        std::vector<std::pair<hash::digest32, roster_entry>> tickets;
        for (const auto& [client, at] : clients_) {
            if (at.weight == 0 || at.since >= by.opened_at) continue;
            wire::writer out;
            out.fixed(as_bytes(draw_label));
            out.fixed(session);
            out.fixed(by.opening);
            out.u64(round);
            out.fixed(client.bytes());
            tickets.emplace_back(hash::sha256(out.view()), roster_entry{client, at.weight});
        }
        if (count == 0 || tickets.size() < count)
            return error{errc::out_of_range, "number of clients that are drawn"};
        std::nth_element(tickets.begin(), tickets.begin() + (count - 1), tickets.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<roster_entry> entries;
        entries.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i) entries.push_back(tickets[i].second);
        return roster::of(std::move(entries));
    }

  private:
    const standing* find(const client_id& client) const {
        const auto at = clients_.find(client);
        return at == clients_.end() ? nullptr : &at->second;
    }

    std::map<client_id, standing> clients_; // everybody who ever enrolled
    std::size_t size_ = 0;
};

} // namespace veilsum::aggregation
