// The keys of aggregator and clients on disk. Trustees have those of `keys deal`.
//
//     FOLDER/identity     seed of the Ed25519 key: the log's, or the client's     for the owner alone
//     FOLDER/transport    CURVE secret key, of the aggregator                     for the owner alone
//     FOLDER/public       what the aggregator hands out: "log HEX" and "transport HEX", a line each
//     FOLDER/id           what a client hands out: its id
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
#include <string>
#include <string_view>
#include <utility>

namespace cluster {

using transport_secret = veilsum::secret<veilsum::byte_array<32>>;
using transport_public = veilsum::byte_array<32>;

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

// What is printed for whoever made the keys.
inline veilsum::result<std::string> make_keys(const std::filesystem::path& path, bool for_aggregator) {
    auto staging = examples::new_folder::create(path);
    if (!staging) return staging.error();
    veilsum::random::system_random rng;
    const auto identity = veilsum::sign::signing_key::generate(rng);
    constexpr auto owner = examples::file_access::owner;
    if (auto put = examples::write_new_file(staging->path() / "identity", identity.expose_seed(), owner);
        !put)
        return put.error();
    std::string text = veilsum::to_hex(identity.verifying().bytes()) + "\n";
    if (for_aggregator) {
        const transport_secret transport = make_transport_key(rng);
        if (auto put = examples::write_new_file(staging->path() / "transport", transport.expose(), owner);
            !put)
            return put.error();
        text = public_text({identity.verifying(), public_half(transport)});
    }
    if (auto put = examples::write_new_file(staging->path() / (for_aggregator ? "public" : "id"),
                                            veilsum::as_bytes(text));
        !put)
        return put.error();
    if (auto done = std::move(*staging).finish(); !done) return done.error();
    return text;
}

} // namespace cluster
