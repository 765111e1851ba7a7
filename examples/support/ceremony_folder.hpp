// A key ceremony on disk, as `keys` writes it and `train` uses it.
//
//     FOLDER/ceremony                  public: key, verification keys, trustees' signing keys, acknowledgements
//     FOLDER/trustee-I/share           trustee I's key share, sealed under its passphrase
//     FOLDER/trustee-I/identity        trustee I's signing seed, sealed under the same
//     FOLDER/trustee-I/passphrase      only where passphrases were made here: readable by the owner alone
//
// Each trustee folder goes to its trustee and is removed here; `ceremony` goes to everybody.
#pragma once

#include "support/console.hpp"
#include "support/files.hpp"

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/seal/passphrase_box.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/threshold/share_file.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace examples {

using veilsum::secret;

template <class Scheme>
struct trustee_secrets {
    veilsum::threshold::key_share<Scheme> share;
    veilsum::sign::signing_key identity;
};

template <class Scheme>
struct dealt_ceremony {
    veilsum::aggregation::ceremony<Scheme> ceremony;
    std::vector<trustee_secrets<Scheme>> trustees; // [i - 1] is trustee i
};

// The dealer's part and every trustee's check and acknowledgement. The primes are gone when this returns.
template <class Scheme, veilsum::random::random_source Source>
result<dealt_ceremony<Scheme>> deal_ceremony(const veilsum::threshold::structure& who, Source& rng,
                                             const veilsum::progress& watcher) {
    auto primes = veilsum::integer::generate_prime_pair<true>(Scheme::modulus_bits, rng, watcher);
    if (!primes) return primes.error();
    auto key = veilsum::paillier::make_public_key<Scheme>(*primes, rng);
    if (!key) return key.error();
    auto dealing = veilsum::threshold::deal(*std::move(primes), *key, who, rng);
    if (!dealing) return dealing.error();
    std::vector<trustee_secrets<Scheme>> trustees;
    std::vector<veilsum::sign::verifying_key> signers;
    for (auto& share : dealing->shares) {
        trustees.push_back({std::move(share), veilsum::sign::signing_key::generate(rng)});
        signers.push_back(trustees.back().identity.verifying());
    }
    veilsum::aggregation::ceremony<Scheme> ceremony{*key, std::move(dealing->verification), std::move(signers), {}};
    for (const auto& trustee : trustees) {
        auto signature = veilsum::aggregation::acknowledge(ceremony, trustee.share, trustee.identity);
        if (!signature) return signature.error();
        ceremony.acknowledgements.push_back(*signature);
    }
    return dealt_ceremony<Scheme>{std::move(ceremony), std::move(trustees)};
}

// 160 random bits in groups of letters and digits that are not mistaken for one another.
template <veilsum::random::random_source Source>
secret<bytes> random_passphrase(Source& rng) {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
    veilsum::byte_array<32> draw = veilsum::random::random_bytes<32>(rng);
    bytes text;
    for (std::size_t i = 0; i < draw.size(); ++i) {
        if (i > 0 && i % 4 == 0) text.push_back('-');
        text.push_back(static_cast<std::uint8_t>(letters[draw[i] % 32]));
    }
    veilsum::wipe(draw);
    return secret<bytes>(std::move(text));
}

inline bytes identity_label(const veilsum::hash::digest32& key, std::uint32_t trustee) {
    const std::string text = "veilsum identity of trustee " + std::to_string(trustee) + " for key " + veilsum::to_hex(key);
    return {text.begin(), text.end()};
}

inline std::filesystem::path trustee_folder(const std::filesystem::path& folder, std::uint32_t trustee) {
    return folder / ("trustee-" + std::to_string(trustee));
}

// `passphrases` empty: one is made for each trustee and written beside its share. `folder` must not exist yet.
template <class Scheme, veilsum::random::random_source Source>
result<void> write_ceremony(const std::filesystem::path& folder, const dealt_ceremony<Scheme>& dealt,
                            std::vector<secret<bytes>> passphrases, Source& rng) {
    const bool made_here = passphrases.empty();
    if (!made_here && passphrases.size() != dealt.trustees.size())
        return error{errc::mismatch, "number of passphrases and trustees"};
    if (auto made = create_folder(folder); !made) return made;
    if (auto written = write_new_file(folder / "ceremony", dealt.ceremony.serialize()); !written) return written;
    for (std::uint32_t i = 1; i <= dealt.trustees.size(); ++i) {
        const std::filesystem::path own = trustee_folder(folder, i);
        if (auto made = create_folder(own); !made) return made;
        if (made_here) {
            passphrases.push_back(random_passphrase(rng));
            if (auto written = write_new_file(own / "passphrase", passphrases.back().expose(), file_access::owner);
                !written)
                return written;
        }
        const secret<bytes>& passphrase = passphrases[i - 1];
        // A random passphrase of 160 bits needs no slow hash; one that a person chose does.
        const auto cost = made_here ? veilsum::seal::passphrase_cost::minimum() : veilsum::seal::passphrase_cost::moderate();
        const auto& trustee = dealt.trustees[i - 1];
        auto share = veilsum::threshold::seal_share(passphrase, trustee.share, cost, rng);
        if (!share) return share.error();
        auto identity = veilsum::seal::seal_with_passphrase(passphrase, trustee.identity.expose_seed(),
                                                            identity_label(dealt.ceremony.key.id(), i), cost, rng);
        if (!identity) return identity.error();
        if (auto written = write_new_file(own / "share", *share, file_access::owner); !written) return written;
        if (auto written = write_new_file(own / "identity", *identity, file_access::owner); !written) return written;
    }
    return {};
}

template <class Scheme>
result<veilsum::aggregation::ceremony<Scheme>> read_ceremony(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "ceremony";
    auto data = read_file(path, veilsum::aggregation::max_ceremony_bytes);
    if (!data) return data.error();
    auto ceremony = veilsum::aggregation::ceremony<Scheme>::parse(*data);
    if (!ceremony) {
        std::string inner = ceremony.error().place;
        return std::move(ceremony).error().at(inner.empty() ? path.string() : path.string() + ", " + inner);
    }
    if (auto good = ceremony->check(); !good) {
        std::string inner = good.error().place;
        return std::move(good).error().at(inner.empty() ? path.string() : path.string() + ", " + inner);
    }
    return ceremony;
}

// Opens a trustee's files with the passphrase that lies beside them, and checks the share.
template <class Scheme>
result<trustee_secrets<Scheme>> read_trustee(const std::filesystem::path& folder, std::uint32_t index,
                                             const veilsum::aggregation::ceremony<Scheme>& ceremony) {
    const std::filesystem::path own = trustee_folder(folder, index);
    auto text = read_file(own / "passphrase", veilsum::seal::max_passphrase_bytes);
    if (!text) return text.error();
    const secret<bytes> passphrase(*std::move(text));
    auto sealed_share = read_file(own / "share", veilsum::threshold::share_file_max_bytes<Scheme> + 64);
    if (!sealed_share) return sealed_share.error();
    auto share = veilsum::threshold::open_share(passphrase, *sealed_share, ceremony.key);
    if (!share) return std::move(share).error().at((own / "share").string());
    if (share->index().index() != index)
        return error{errc::mismatch, "index of the share file", 0, (own / "share").string()};
    if (auto fits = share->check(ceremony.key, ceremony.verification); !fits)
        return std::move(fits).error().at((own / "share").string());
    auto sealed_identity = read_file(own / "identity", 1024);
    if (!sealed_identity) return sealed_identity.error();
    auto seed = veilsum::seal::open_with_passphrase(passphrase, *sealed_identity, identity_label(ceremony.key.id(), index));
    if (!seed) return std::move(seed).error().at((own / "identity").string());
    if (seed->expose().size() != 32) return error{errc::malformed, "signing seed", 0, (own / "identity").string()};
    veilsum::byte_array<32> raw{};
    std::copy(seed->expose().begin(), seed->expose().end(), raw.begin());
    return trustee_secrets<Scheme>{*std::move(share), veilsum::sign::signing_key::from_seed(secret(std::move(raw)))};
}

inline result<std::uint32_t> modulus_bits_of_ceremony(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "ceremony";
    const auto data = read_file(path, veilsum::aggregation::max_ceremony_bytes);
    if (!data) return data.error();
    auto bits = veilsum::aggregation::modulus_bits_of_ceremony(*data);
    if (!bits) return std::move(bits).error().at(path.string());
    return bits;
}

} // namespace examples
