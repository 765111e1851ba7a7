// The keys of each party on disk, beside what trustees have from `keys deal`.
//
//     FOLDER/transport    CURVE secret key                                        for the owner alone
//     FOLDER/identity     seed of the Ed25519 key: the log's, or the client's     for the owner alone
//     FOLDER/public       what the aggregator hands out: "log HEX" and "transport HEX", a line each
//     FOLDER/id           what a client hands out: its id
//     FOLDER/peer         what everybody else hands to the aggregator: a line of its file of peers, HEX
//
// They are not sealed: who can read the folder is that party. The folder appears when everything is written.
#pragma once

#include "support/files.hpp"
#include "support/identifiers.hpp"

#include <veilsum/core/secret.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <sodium/crypto_scalarmult.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace cluster {

using transport_secret = veilsum::secret<veilsum::byte_array<32>>;
using transport_public = veilsum::byte_array<32>;
using peer_list = std::set<transport_public>; // those who may talk to the aggregator
inline constexpr std::size_t max_peers = 100000;

inline transport_secret make_transport_key(veilsum::random::system_random& rng) {
    return transport_secret(veilsum::random::random_bytes<32>(rng));
}
inline transport_public public_half(const transport_secret& key) {
    transport_public out{};
    crypto_scalarmult_base(out.data(), key.expose().data());
    return out;
}

// How the aggregator is known to everybody else.
struct aggregator_keys {
    veilsum::sign::verifying_key log;
    transport_public transport;
};

namespace detail {

inline veilsum::result<veilsum::secret<veilsum::byte_array<32>>>
read_secret_key(const std::filesystem::path& path) {
    const auto data = examples::read_secret_file(path, 32);
    if (!data) return data.error();
    if (data->expose().size() != 32)
        return veilsum::error{veilsum::errc::malformed, "length of the key file", 0, path.string()};
    veilsum::byte_array<32> raw{};
    std::copy(data->expose().begin(), data->expose().end(), raw.begin());
    return veilsum::secret<veilsum::byte_array<32>>(std::move(raw));
}

} // namespace detail

inline veilsum::result<veilsum::sign::signing_key> read_identity(const std::filesystem::path& folder) {
    auto seed = detail::read_secret_key(folder / "identity");
    if (!seed) return seed.error();
    return veilsum::sign::signing_key::from_seed(*std::move(seed));
}
inline veilsum::result<transport_secret> read_transport_key(const std::filesystem::path& folder) {
    return detail::read_secret_key(folder / "transport");
}

inline std::string public_text(const aggregator_keys& keys) {
    return "log " + veilsum::to_hex(keys.log.bytes()) + "\ntransport " + veilsum::to_hex(keys.transport) +
           "\n";
}
// Exactly what `public_text` gives.
inline veilsum::result<aggregator_keys> read_public(const std::filesystem::path& path) {
    constexpr std::string_view what = "public keys of the aggregator";
    const auto data = examples::read_file(path, 256);
    if (!data) return data.error();
    const std::string text(data->begin(), data->end());
    const auto wrong = [&] { return veilsum::error{veilsum::errc::malformed, what, 0, path.string()}; };
    constexpr std::size_t log_at = 4, transport_at = log_at + 64 + 1 + 10;
    if (text.size() != transport_at + 64 + 1) return wrong();
    const auto log = examples::parse_id(text.substr(log_at, 64), what);
    const auto transport = examples::parse_id(text.substr(transport_at, 64), what);
    if (!log || !transport) return wrong();
    auto key = veilsum::sign::verifying_key::parse(**log);
    if (!key) return veilsum::error(key.error()).at(path.string());
    aggregator_keys keys{*std::move(key), **transport};
    if (public_text(keys) != text) return wrong();
    return keys;
}

// File of peers: the lines of their files `peer`, one or more.
inline veilsum::result<peer_list> read_peers(const std::filesystem::path& path) {
    constexpr std::string_view what = "transport key of a peer: 64 hexadecimal digits";
    const auto data = examples::read_file(path, max_peers * 65);
    if (!data) return data.error();
    peer_list listed;
    std::istringstream lines(std::string(data->begin(), data->end()));
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        const std::string place = path.string() + ", line " + std::to_string(++number);
        const auto key = examples::parse_id(line, what);
        if (!key) return veilsum::error(key.error()).at(place);
        if (!*key) return veilsum::error{veilsum::errc::malformed, what, 0, place}; // an empty line
        listed.insert(**key);
    }
    if (listed.empty())
        return veilsum::error{veilsum::errc::missing, "transport key of a peer", 0, path.string()};
    return listed;
}

enum class key_owner { aggregator, client, other };

// What is printed for whoever made the keys.
inline veilsum::result<std::string> make_keys(const std::filesystem::path& path, key_owner owner) {
    auto staging = examples::new_folder::create(path);
    if (!staging) return staging.error();
    constexpr auto secret = examples::file_access::owner, handed_out = examples::file_access::everyone;
    const auto put = [&](const char* name, veilsum::byte_view data, examples::file_access access) {
        return examples::write_new_file(staging->path() / name, data, access);
    };
    veilsum::random::system_random rng;
    const transport_secret transport = make_transport_key(rng);
    if (auto done = put("transport", transport.expose(), secret); !done) return done.error();
    std::string said;
    if (owner != key_owner::aggregator) {
        said = veilsum::to_hex(public_half(transport)) + "\n";
        if (auto done = put("peer", veilsum::as_bytes(said), handed_out); !done) return done.error();
        said = "peer " + said;
    }
    if (owner != key_owner::other) {
        const auto identity = veilsum::sign::signing_key::generate(rng);
        if (auto done = put("identity", identity.expose_seed(), secret); !done) return done.error();
        const std::string id = veilsum::to_hex(identity.verifying().bytes()) + "\n";
        const bool client = owner == key_owner::client;
        const std::string text = client ? id : public_text({identity.verifying(), public_half(transport)});
        if (auto done = put(client ? "id" : "public", veilsum::as_bytes(text), handed_out); !done)
            return done.error();
        said = client ? "id " + id + said : text;
    }
    if (auto done = std::move(*staging).finish(); !done) return done.error();
    return said;
}

} // namespace cluster
