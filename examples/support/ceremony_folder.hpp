// A key ceremony on disk, as `keys` writes it and `train` uses it.
//
//     FOLDER/ceremony               public: key, verification keys, signing keys, acknowledgements
//     FOLDER/trustee-I/share        trustee I's key share, sealed under its passphrase
//     FOLDER/trustee-I/identity     trustee I's signing seed, sealed under the same
//     FOLDER/trustee-I/passphrase   one line: made here, or put there by the trustee
//
// Each trustee folder goes to its trustee and is removed here; `ceremony` goes to everybody. What is secret
// is readable by the owner alone. FOLDER appears when everything in it is written (files.hpp, new_folder).
#pragma once

#include "support/console.hpp"
#include "support/files.hpp"

#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/aggregation/deal_ceremony.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/seal/passphrase_box.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/threshold/share_file.hpp>
#include <veilsum/wire/frame.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace examples {

using veilsum::secret;

using veilsum::aggregation::ceremony_from_primes;
using veilsum::aggregation::deal_ceremony;
using veilsum::aggregation::dealt_ceremony;
using veilsum::aggregation::trustee_secrets;

// 160 random bits in groups of letters and digits that are not mistaken for one another.
template <veilsum::random::random_source Source>
secret<bytes> random_passphrase(Source& rng) {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
    veilsum::byte_array<32> draw = veilsum::random::random_bytes<32>(rng);
    bytes text;
    text.reserve(2 * draw.size()); // growing would leave a copy behind
    for (std::size_t i = 0; i < draw.size(); ++i) {
        if (i > 0 && i % 4 == 0) text.push_back('-');
        text.push_back(static_cast<std::uint8_t>(letters[draw[i] % 32]));
    }
    veilsum::wipe(draw);
    return secret<bytes>(std::move(text));
}

inline std::filesystem::path trustee_folder(const std::filesystem::path& folder, std::uint32_t trustee) {
    return folder / ("trustee-" + std::to_string(trustee));
}

inline bytes identity_label(const veilsum::hash::digest32& key, std::uint32_t trustee) {
    const std::string text =
        "veilsum identity of trustee " + std::to_string(trustee) + " for key " + veilsum::to_hex(key);
    return {text.begin(), text.end()};
}

namespace detail {

inline void drop_line_end(bytes& text) {
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
}

inline error within(const error& inner, const std::filesystem::path& path) {
    return error(inner).at(inner.place.empty() ? path.string() : path.string() + ", " + inner.place);
}

} // namespace detail

// One passphrase a line, as many lines as trustees. Refused, with the line: an empty one, one that is too
// long, and one that stands on an earlier line too.
inline result<std::vector<secret<bytes>>> read_passphrases(const std::filesystem::path& path,
                                                           std::uint32_t trustees) {
    const std::size_t longest = veilsum::seal::max_passphrase_bytes;
    const auto text = read_secret_file(path, (longest + 2) * veilsum::threshold::structure::max_trustees);
    if (!text) return text.error();
    const bytes& all = text->expose();
    std::vector<secret<bytes>> passphrases;
    for (auto at = all.begin(); at != all.end();) {
        auto end = std::find(at, all.end(), std::uint8_t{'\n'});
        if (end != all.end()) ++end;
        bytes line(at, end);
        detail::drop_line_end(line);
        passphrases.emplace_back(std::move(line));
        at = end;
        const secret<bytes>& last = passphrases.back();
        const std::string place = path.string() + ", line " + std::to_string(passphrases.size());
        if (last.expose().empty()) return error{errc::missing, "passphrase", 0, place};
        if (last.expose().size() > longest)
            return error{errc::out_of_range, "length of the passphrase", 0, place};
        for (std::size_t k = 0; k + 1 < passphrases.size(); ++k)
            if (passphrases[k].expose() == last.expose())
                return error{errc::duplicate, "passphrase: each trustee needs its own", 0, place};
    }
    if (passphrases.size() != trustees)
        return error{errc::mismatch, "number of passphrases and trustees", 0,
                     path.string() + " (" + std::to_string(passphrases.size()) + " lines, " +
                         std::to_string(trustees) + " trustees)"};
    return passphrases;
}

// Whether a trustee's passphrase is written beside its share.
enum class passphrase_files : std::uint8_t { absent, beside_shares };

// `passphrases` empty: one is made for each trustee, and written. `folder` must not exist yet; it does not
// exist either if this fails. `refresh`: a file of that name, if not empty. The watcher hears how many
// trustees are done.
template <class Scheme, veilsum::random::random_source Source>
result<void>
write_ceremony(const std::filesystem::path& folder, const dealt_ceremony<Scheme>& dealt,
               std::vector<secret<bytes>> passphrases, Source& rng, const veilsum::progress& watcher = {},
               passphrase_files files = passphrase_files::absent, veilsum::byte_view refresh = {}) {
    const bool made_here = passphrases.empty();
    if (!made_here && passphrases.size() != dealt.trustees.size())
        return error{errc::mismatch, "number of passphrases and trustees"};
    const bool written_down = made_here || files == passphrase_files::beside_shares;
    auto staging = new_folder::create(folder);
    if (!staging) return staging.error();
    if (auto written = write_new_file(staging->path() / "ceremony", dealt.ceremony.serialize()); !written)
        return written;
    if (!refresh.empty())
        if (auto written = write_new_file(staging->path() / "refresh", refresh); !written) return written;
    for (std::uint32_t i = 1; i <= dealt.trustees.size(); ++i) {
        veilsum::report(watcher, i - 1, dealt.trustees.size());
        const std::filesystem::path own = trustee_folder(staging->path(), i);
        if (auto made = create_folder(own, file_access::owner); !made) return made;
        if (made_here) passphrases.push_back(random_passphrase(rng));
        const secret<bytes>& passphrase = passphrases[i - 1];
        // A random passphrase of 160 bits needs no slow hash; one that a person chose does.
        const auto cost = made_here ? veilsum::seal::passphrase_cost::minimum()
                                    : veilsum::seal::passphrase_cost::moderate();
        const auto& trustee = dealt.trustees[i - 1];
        auto share = veilsum::threshold::seal_share(passphrase, trustee.share, cost, rng);
        if (!share) return share.error();
        auto identity =
            veilsum::seal::seal_with_passphrase(passphrase, trustee.identity.expose_seed(),
                                                identity_label(dealt.ceremony.key.id(), i), cost, rng);
        if (!identity) return identity.error();
        if (auto written = write_new_file(own / "share", *share, file_access::owner); !written)
            return written;
        if (auto written = write_new_file(own / "identity", *identity, file_access::owner); !written)
            return written;
        if (!written_down) continue;
        secret<bytes> text(bytes(passphrase.expose().size() + 1, std::uint8_t{'\n'}));
        std::copy(passphrase.expose().begin(), passphrase.expose().end(), text.expose().begin());
        if (auto written = write_new_file(own / "passphrase", text.expose(), file_access::owner); !written)
            return written;
    }
    return std::move(*staging).finish();
}

// The bytes of FOLDER/ceremony.
inline result<bytes> read_ceremony_file(const std::filesystem::path& folder) {
    return read_file(folder / "ceremony", veilsum::aggregation::max_ceremony_bytes);
}

template <class Scheme>
result<veilsum::aggregation::ceremony<Scheme>> read_ceremony(const std::filesystem::path& folder) {
    const auto data = read_ceremony_file(folder);
    if (!data) return data.error();
    auto ceremony = veilsum::aggregation::ceremony<Scheme>::parse(*data);
    if (!ceremony) return detail::within(ceremony.error(), folder / "ceremony");
    if (auto good = ceremony->check(); !good) return detail::within(good.error(), folder / "ceremony");
    return ceremony;
}

// The passphrase that lies in a trustee's folder, without the end of its line.
inline result<secret<bytes>> read_passphrase(const std::filesystem::path& folder, std::uint32_t index) {
    auto text = read_secret_file(trustee_folder(folder, index) / "passphrase",
                                 veilsum::seal::max_passphrase_bytes + 2);
    if (text) detail::drop_line_end(text->expose());
    return text;
}

// Whether it fits the ceremony is `key_share::check`.
template <class Scheme>
result<veilsum::threshold::key_share<Scheme>> read_share(const std::filesystem::path& folder,
                                                         std::uint32_t index, const secret<bytes>& passphrase,
                                                         const veilsum::paillier::public_key<Scheme>& key) {
    const std::filesystem::path path = trustee_folder(folder, index) / "share";
    const auto sealed = read_file(path, veilsum::wire::frame_header_bytes +
                                            veilsum::threshold::share_file_body_bytes<Scheme>);
    if (!sealed) return sealed.error();
    auto share = veilsum::threshold::open_share(passphrase, *sealed, key);
    if (!share) return detail::within(share.error(), path);
    if (share->index().index() != index)
        return error{errc::mismatch, "index of the share file", 0, path.string()};
    return share;
}

// The signing key that the ceremony lists for this trustee; another one is errc::wrong_key.
template <class Scheme>
result<veilsum::sign::signing_key> read_identity(const std::filesystem::path& folder, std::uint32_t index,
                                                 const secret<bytes>& passphrase,
                                                 const veilsum::aggregation::ceremony<Scheme>& ceremony) {
    const std::filesystem::path path = trustee_folder(folder, index) / "identity";
    const auto sealed = read_file(path, 1024);
    if (!sealed) return sealed.error();
    const auto seed =
        veilsum::seal::open_with_passphrase(passphrase, *sealed, identity_label(ceremony.key.id(), index));
    if (!seed) return detail::within(seed.error(), path);
    if (seed->expose().size() != 32) return error{errc::malformed, "signing seed", 0, path.string()};
    veilsum::byte_array<32> raw{};
    std::copy(seed->expose().begin(), seed->expose().end(), raw.begin());
    auto identity = veilsum::sign::signing_key::from_seed(secret(std::move(raw)));
    if (index > ceremony.trustees.size() || !(identity.verifying() == ceremony.trustees[index - 1]))
        return error{errc::wrong_key, "signing key of the trustee", 0, path.string()};
    return identity;
}

// A trustee's secrets, opened with the passphrase that lies beside them; the share fits the ceremony.
template <class Scheme>
result<trustee_secrets<Scheme>> read_trustee(const std::filesystem::path& folder, std::uint32_t index,
                                             const veilsum::aggregation::ceremony<Scheme>& ceremony) {
    const auto passphrase = read_passphrase(folder, index);
    if (!passphrase) return passphrase.error();
    auto share = read_share<Scheme>(folder, index, *passphrase, ceremony.key);
    if (!share) return share.error();
    if (auto fits = share->check(ceremony.key, ceremony.verification); !fits)
        return detail::within(fits.error(), trustee_folder(folder, index) / "share");
    auto identity = read_identity<Scheme>(folder, index, *passphrase, ceremony);
    if (!identity) return identity.error();
    return trustee_secrets<Scheme>{*std::move(share), *std::move(identity)};
}

inline result<std::uint32_t> modulus_bits_of_ceremony(const std::filesystem::path& folder) {
    const auto data = read_ceremony_file(folder);
    if (!data) return data.error();
    const auto bits = veilsum::aggregation::modulus_bits_of_ceremony(*data);
    if (!bits) return detail::within(bits.error(), folder / "ceremony");
    return bits;
}

} // namespace examples
