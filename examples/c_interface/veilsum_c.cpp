// The C side of parties.hpp: looks at every pointer and size, lets no exception out, says errors in C.
#include "c_interface/veilsum.h"

#include "c_interface/parties.hpp"
#include "support/ceremony_folder.hpp"

#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/integer/wiping_memory.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <gmp.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <mutex>
#include <new>
#include <utility>

struct veilsum_bytes {
    veilsum::bytes data;
};
struct veilsum_aggregator {
    std::unique_ptr<c_interface::aggregator_party> party;
};
struct veilsum_client {
    std::unique_ptr<c_interface::client_party> party;
};
struct veilsum_trustee {
    std::unique_ptr<c_interface::trustee_party> party;
};

namespace {

using namespace c_interface;

static_assert(static_cast<int>(errc::malformed) + 1 == VEILSUM_MALFORMED &&
              static_cast<int>(errc::unsupported) + 1 == VEILSUM_UNSUPPORTED);

// A failure of this layer, or of the library.
struct failure {
    std::int32_t code;
    std::uint32_t check;
    std::string text;
};
using outcome = std::optional<failure>; // empty: it went well

outcome said(const error& reason) {
    return failure{static_cast<std::int32_t>(reason.code) + 1, reason.check, reason.describe()};
}
outcome said(const result<void>& done) {
    return done ? outcome() : said(done.error());
}
outcome null_argument(const char* name) {
    return failure{VEILSUM_NULL_ARGUMENT, 0, std::string("argument is NULL: ") + name};
}

// Runs `body` and says how it ended.
template <class Body>
std::int32_t call(veilsum_error* told, Body&& body) noexcept {
    std::int32_t code = VEILSUM_INTERNAL;
    std::uint32_t check = 0;
    const auto tell = [&](const char* text, std::size_t size) {
        if (told == nullptr) return;
        told->code = code;
        told->check = check;
        const std::size_t shown = std::min(size, sizeof told->message - 1);
        std::memcpy(told->message, text, shown);
        told->message[shown] = '\0';
    };
    try {
        const outcome ended = body();
        code = ended ? ended->code : VEILSUM_OK;
        check = ended ? ended->check : 0;
        tell(ended ? ended->text.data() : "", ended ? ended->text.size() : 0);
    } catch (const std::bad_alloc&) {
        code = VEILSUM_NO_MEMORY;
        tell("no memory", 9);
    } catch (...) {
        tell("exception", 9);
    }
    return code;
}

byte_view view(const std::uint8_t* data, std::size_t size) {
    return {data, size};
}

error not_32_bytes(const char* name) {
    return error{errc::malformed, "size, which is 32 bytes,", 0, std::string("argument ") + name};
}
result<digest32> read_32(const std::uint8_t* data, std::size_t size, const char* name) {
    digest32 out{};
    if (size != out.size()) return not_32_bytes(name);
    std::copy(data, data + size, out.begin());
    return out;
}
result<roster> read_roster(const veilsum_roster_entry* entries, std::size_t count) {
    if (count > roster::max_clients) return error{errc::out_of_range, "roster size"}; // before it is read
    std::vector<veilsum::aggregation::roster_entry> members;
    members.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto client = client_id::parse(view(entries[i].client, sizeof entries[i].client));
        if (!client) return std::move(client).error().in_check(0).at("roster entry " + std::to_string(i));
        members.push_back({*client, entries[i].weight});
    }
    return roster::of(std::move(members));
}

outcome give(result<bytes>&& made, veilsum_bytes** out) {
    if (!made) return said(made.error());
    *out = new veilsum_bytes{*std::move(made)};
    return {};
}
template <class Handle, class Party>
outcome give(result<std::unique_ptr<Party>>&& made, Handle** out) {
    if (!made) return said(made.error());
    *out = new Handle{*std::move(made)};
    return {};
}

template <class Values, class T>
outcome copy_out(const Values& values, T* out, std::size_t capacity) {
    if (capacity < values.size())
        return failure{VEILSUM_SHORT_BUFFER, 0,
                       "array is too short: " + std::to_string(values.size()) + " elements are needed"};
    std::copy(values.begin(), values.end(), out);
    return {};
}

result<const party_maker*> maker_of_bits(std::uint32_t bits) {
    if (bits == 2048) return &maker_of_2048();
    if (bits == 3072) return &maker_of_3072();
    return error{errc::unsupported, "key size", 0, std::to_string(bits) + " bits"};
}
result<const party_maker*> maker_of_ceremony(const path& folder) {
    const auto bits = examples::modulus_bits_of_ceremony(folder);
    if (!bits) return bits.error();
    return maker_of_bits(*bits);
}
result<const party_maker*> maker_of_record(const path& folder) {
    const auto log = veilsum::audit::log_reader::open(folder.string());
    if (!log) return log.error();
    const auto first = veilsum::audit::first_record(*log);
    if (!first) return first.error();
    const auto header = veilsum::aggregation::session_header::parse(first->body);
    if (!header) return header.error();
    return maker_of_bits(header->modulus_bits);
}

// GMP's functions for memory, as a process has them now.
struct gmp_memory {
    void* (*allocate)(std::size_t);
    void* (*move)(void*, std::size_t, std::size_t);
    void (*release)(void*, std::size_t);
    bool operator==(const gmp_memory&) const = default;

    static gmp_memory now() {
        gmp_memory found{};
        mp_get_memory_functions(&found.allocate, &found.move, &found.release);
        return found;
    }
    void set() const { mp_set_memory_functions(allocate, move, release); }
};

// Blocks of functions that the host has set would be freed by others that do not know them.
outcome wipe_gmp_memory() {
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    const gmp_memory before = gmp_memory::now();
    veilsum::integer::wipe_gmp_memory();
    if (before == gmp_memory::now()) return {}; // once more
    gmp_memory{}.set();                         // GMP's own
    if (before == gmp_memory::now()) {
        veilsum::integer::wipe_gmp_memory();
        return {};
    }
    before.set();
    return said(error{errc::refused, "memory functions of GMP: another library has set its own"});
}

} // namespace

std::uint32_t veilsum_interface_version(void) {
    return VEILSUM_INTERFACE_VERSION;
}

std::int32_t veilsum_wipe_gmp_memory(veilsum_error* told) {
    return call(told, [] { return wipe_gmp_memory(); });
}

const std::uint8_t* veilsum_bytes_data(const veilsum_bytes* bytes) {
    return bytes == nullptr ? nullptr : bytes->data.data();
}
std::size_t veilsum_bytes_size(const veilsum_bytes* bytes) {
    return bytes == nullptr ? 0 : bytes->data.size();
}
void veilsum_bytes_free(veilsum_bytes* bytes) {
    delete bytes;
}

std::int32_t veilsum_deal(const char* folder, std::uint32_t modulus_bits, std::uint32_t quorum,
                          std::uint32_t trustees, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (folder == nullptr) return null_argument("folder");
        const auto maker = maker_of_bits(modulus_bits);
        if (!maker) return said(maker.error());
        return said((*maker)->deal(folder, quorum, trustees));
    });
}

std::int32_t veilsum_ceremony_key(const char* ceremony_folder, std::uint8_t* out, std::size_t capacity,
                                  veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (ceremony_folder == nullptr) return null_argument("ceremony_folder");
        if (out == nullptr) return null_argument("out");
        const auto maker = maker_of_ceremony(ceremony_folder);
        if (!maker) return said(maker.error());
        const auto key = (*maker)->key_of_ceremony(ceremony_folder);
        if (!key) return said(key.error());
        return copy_out(*key, out, capacity);
    });
}

std::int32_t veilsum_aggregator_create(const char* ceremony_folder, const char* record_folder,
                                       const char* origin, std::size_t values,
                                       const veilsum_roster_entry* roster, std::size_t roster_size,
                                       veilsum_aggregator** out, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (out == nullptr) return null_argument("out");
        *out = nullptr;
        if (ceremony_folder == nullptr) return null_argument("ceremony_folder");
        if (record_folder == nullptr) return null_argument("record_folder");
        if (origin == nullptr) return null_argument("origin");
        if (roster == nullptr) return null_argument("roster");
        const auto members = read_roster(roster, roster_size);
        if (!members) return said(members.error());
        const auto maker = maker_of_ceremony(ceremony_folder);
        if (!maker) return said(maker.error());
        return give((*maker)->aggregator(ceremony_folder, record_folder, origin, values, *members), out);
    });
}
void veilsum_aggregator_free(veilsum_aggregator* aggregator) {
    delete aggregator;
}

std::int32_t veilsum_aggregator_session(const veilsum_aggregator* aggregator, std::uint8_t* out,
                                        std::size_t capacity, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        if (out == nullptr) return null_argument("out");
        return copy_out(aggregator->party->session(), out, capacity);
    });
}

std::int32_t veilsum_aggregator_enrol(veilsum_aggregator* aggregator, const std::uint8_t* message,
                                      std::size_t size, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        if (message == nullptr) return null_argument("message");
        return said(aggregator->party->enrol(view(message, size)));
    });
}

std::int32_t veilsum_aggregator_enrolled(const veilsum_aggregator* aggregator, veilsum_roster_entry* out,
                                         std::size_t capacity, std::size_t* count, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (count == nullptr) return null_argument("count");
        *count = 0;
        if (aggregator == nullptr) return null_argument("aggregator");
        if (out == nullptr) return null_argument("out");
        const auto enrolled = aggregator->party->enrolled();
        if (!enrolled) return said(enrolled.error());
        std::vector<veilsum_roster_entry> entries(enrolled->size());
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const auto& id = (*enrolled)[i].client.bytes();
            std::copy(id.begin(), id.end(), entries[i].client);
            entries[i].weight = (*enrolled)[i].weight;
        }
        if (auto short_of = copy_out(entries, out, capacity)) return short_of;
        *count = entries.size();
        return {};
    });
}

std::int32_t veilsum_aggregator_remove(veilsum_aggregator* aggregator, const std::uint8_t* client,
                                       std::size_t client_size, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        if (client == nullptr) return null_argument("client");
        const auto raw = read_32(client, client_size, "client");
        if (!raw) return said(raw.error());
        const auto id = client_id::parse(*raw);
        if (!id) return said(error(id.error()).in_check(0));
        return said(aggregator->party->remove(*id));
    });
}

std::int32_t veilsum_aggregator_open_round(veilsum_aggregator* aggregator, const veilsum_round_plan* plan,
                                           veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        if (plan == nullptr) return null_argument("plan");
        return said(aggregator->party->open_round({{plan->scale_bits, plan->value_bits, plan->clip_l2},
                                                   plan->minimum_cohort,
                                                   plan->opens_at,
                                                   plan->closes_at}));
    });
}

std::int32_t veilsum_aggregator_receive(veilsum_aggregator* aggregator, const std::uint8_t* message,
                                        std::size_t size, std::uint64_t now, veilsum_bytes** receipt,
                                        veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (receipt != nullptr) *receipt = nullptr;
        if (aggregator == nullptr) return null_argument("aggregator");
        if (message == nullptr) return null_argument("message");
        auto made = aggregator->party->receive(view(message, size), now);
        if (!made || receipt != nullptr) return give(std::move(made), receipt);
        return {};
    });
}

std::int32_t veilsum_aggregator_close(veilsum_aggregator* aggregator, std::uint64_t now,
                                      veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        return said(aggregator->party->close(now));
    });
}

std::int32_t veilsum_aggregator_receive_partial(veilsum_aggregator* aggregator, const std::uint8_t* message,
                                                std::size_t size, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        if (message == nullptr) return null_argument("message");
        return said(aggregator->party->receive_partial(view(message, size)));
    });
}

std::int32_t veilsum_aggregator_finish(veilsum_aggregator* aggregator, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        return said(aggregator->party->finish());
    });
}

std::int32_t veilsum_aggregator_sums(const veilsum_aggregator* aggregator, std::int64_t* out,
                                     std::size_t capacity, std::uint64_t* total_weight, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        if (out == nullptr) return null_argument("out");
        const auto& last = aggregator->party->last();
        if (!last) return said(error{errc::missing, "finished round"});
        if (auto short_of = copy_out(last->sums, out, capacity)) return short_of;
        if (total_weight != nullptr) *total_weight = last->total_weight;
        return {};
    });
}

std::int32_t veilsum_aggregator_mean(const veilsum_aggregator* aggregator, float* out, std::size_t capacity,
                                     veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        if (out == nullptr) return null_argument("out");
        const auto& last = aggregator->party->last();
        if (!last) return said(error{errc::missing, "finished round"});
        return copy_out(last->mean, out, capacity);
    });
}

std::int32_t veilsum_aggregator_end(veilsum_aggregator* aggregator, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (aggregator == nullptr) return null_argument("aggregator");
        return said(aggregator->party->end());
    });
}

std::int32_t veilsum_client_keys(std::uint8_t* seed, std::size_t seed_capacity, std::uint8_t* id,
                                 std::size_t id_capacity, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (seed == nullptr) return null_argument("seed");
        if (id == nullptr) return null_argument("id");
        veilsum::random::system_random rng;
        const auto made = veilsum::sign::signing_key::generate(rng);
        const auto& shown = made.verifying().bytes();
        if (id_capacity < shown.size()) return copy_out(shown, id, id_capacity);
        if (auto short_of = copy_out(made.expose_seed(), seed, seed_capacity)) return short_of;
        return copy_out(shown, id, id_capacity);
    });
}

std::int32_t veilsum_client_create(const char* record_folder, const veilsum_expectation* expected,
                                   const std::uint8_t* seed, std::size_t seed_size, const char* outbox_folder,
                                   veilsum_client** out, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (out == nullptr) return null_argument("out");
        *out = nullptr;
        if (record_folder == nullptr) return null_argument("record_folder");
        if (expected == nullptr) return null_argument("expected");
        if (expected->roster == nullptr) return null_argument("expected->roster");
        if (seed == nullptr) return null_argument("seed");
        client_seed own(veilsum::byte_array<32>{});
        if (seed_size != own.expose().size()) return said(not_32_bytes("seed"));
        std::copy(seed, seed + seed_size, own.expose().begin());
        auto members = read_roster(expected->roster, expected->roster_size);
        if (!members) return said(members.error());
        expectation known{{}, {}, *std::move(members), expected->minimum_cohort};
        std::copy(std::begin(expected->session), std::end(expected->session), known.session.begin());
        std::copy(std::begin(expected->key), std::end(expected->key), known.key.begin());
        std::optional<path> outbox;
        if (outbox_folder != nullptr) outbox = outbox_folder;
        const auto maker = maker_of_record(record_folder);
        if (!maker) return said(maker.error());
        return give((*maker)->client(record_folder, std::move(known), std::move(own), outbox), out);
    });
}
void veilsum_client_free(veilsum_client* client) {
    delete client;
}

std::int32_t veilsum_client_enrol(veilsum_client* client, veilsum_bytes** message, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (message == nullptr) return null_argument("message");
        *message = nullptr;
        if (client == nullptr) return null_argument("client");
        return give(client->party->enrol(), message);
    });
}

std::int32_t veilsum_client_leave(veilsum_client* client, veilsum_bytes** message, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (message == nullptr) return null_argument("message");
        *message = nullptr;
        if (client == nullptr) return null_argument("client");
        return give(client->party->leave(), message);
    });
}

std::int32_t veilsum_client_contribute(veilsum_client* client, const float* update, std::size_t values,
                                       veilsum_bytes** message, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (message == nullptr) return null_argument("message");
        *message = nullptr;
        if (client == nullptr) return null_argument("client");
        if (update == nullptr) return null_argument("update");
        return give(client->party->contribute({update, values}), message);
    });
}

std::int32_t veilsum_client_confirm(const veilsum_client* client, const std::uint8_t* receipt,
                                    std::size_t size, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (client == nullptr) return null_argument("client");
        if (receipt == nullptr) return null_argument("receipt");
        return said(client->party->confirm(view(receipt, size)));
    });
}

std::int32_t veilsum_trustee_create(const char* ceremony_folder, std::uint32_t index,
                                    const char* record_folder, const char* journal_file,
                                    veilsum_trustee** out, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (out == nullptr) return null_argument("out");
        *out = nullptr;
        if (ceremony_folder == nullptr) return null_argument("ceremony_folder");
        if (record_folder == nullptr) return null_argument("record_folder");
        if (journal_file == nullptr) return null_argument("journal_file");
        const auto maker = maker_of_record(record_folder);
        if (!maker) return said(maker.error());
        return give((*maker)->trustee(ceremony_folder, index, record_folder, journal_file), out);
    });
}
void veilsum_trustee_free(veilsum_trustee* trustee) {
    delete trustee;
}

std::int32_t veilsum_trustee_answer(veilsum_trustee* trustee, veilsum_bytes** message, veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (message == nullptr) return null_argument("message");
        *message = nullptr;
        if (trustee == nullptr) return null_argument("trustee");
        return give(trustee->party->answer(), message);
    });
}

std::int32_t veilsum_audit(const char* record_folder, const std::uint8_t* session, std::size_t session_size,
                           veilsum_error* told) {
    return call(told, [&]() -> outcome {
        if (record_folder == nullptr) return null_argument("record_folder");
        std::optional<digest32> known;
        if (session != nullptr) {
            const auto id = read_32(session, session_size, "session");
            if (!id) return said(id.error());
            known = *id;
        }
        const auto maker = maker_of_record(record_folder);
        if (!maker) return said(maker.error());
        return said((*maker)->audit(record_folder, known));
    });
}
