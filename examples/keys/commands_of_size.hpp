// Definitions of commands.hpp, for the size_*.cpp only.
#pragma once

#include "keys/commands.hpp"
#include "support/ceremony_folder.hpp"
#include "support/console.hpp"
#include "support/refresh_folder.hpp"

#include <veilsum/random/system_random.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace keys {

using examples::byte_view;
using examples::bytes;
using examples::error;
using examples::result;
using veilsum::to_hex;

// "5f3c 91aa 02de 7b10": 64 bits of SHA-256, to be read out over a telephone.
inline std::string fingerprint(byte_view data) {
    const std::string digits = to_hex(veilsum::hash::sha256(data)).substr(0, 16);
    return digits.substr(0, 4) + ' ' + digits.substr(4, 4) + ' ' + digits.substr(8, 4) + ' ' +
           digits.substr(12, 4);
}

// --- deal ---

template <class Scheme>
result<void> commands<Scheme>::deal(const deal_request& given, const veilsum::threshold::structure& who,
                                    std::vector<veilsum::secret<bytes>> passphrases) {
    // Whether the folder can be made is found out before the search, not after it.
    if (const auto trial = examples::new_folder::create(given.out); !trial) return trial.error();
    const bool made_here = passphrases.empty();
    veilsum::random::system_random rng;
    const examples::stopwatch watch;
    std::printf("searching two safe primes of %zu bits ...\n", Scheme::modulus_bits / 2);
    std::fflush(stdout);
    std::optional<examples::dealt_ceremony<Scheme>> dealt;
    {
        examples::progress_bar bar("safe primes", "candidates");
        auto made = examples::deal_ceremony<Scheme>(who, rng, bar.watcher());
        if (!made) return made.error();
        dealt.emplace(*std::move(made));
    }
    {
        examples::progress_bar bar("sealing shares", "trustees");
        if (auto written = examples::write_ceremony<Scheme>(given.out, *dealt, std::move(passphrases), rng,
                                                            bar.watcher());
            !written)
            return written;
    }
    const std::filesystem::path out = std::filesystem::path(given.out).lexically_normal();
    const std::string trustee = (out / "trustee-I").string();
    const bool several = who.trustees() > 1;
    const std::string all =
        several ? (out / "trustee-1").string() + " to trustee-" + std::to_string(who.trustees())
                : (out / "trustee-1").string();
    std::printf("key          %zu bits, id %s\n", std::size_t{Scheme::modulus_bits},
                to_hex(dealt->ceremony.key.id()).c_str());
    std::printf("trustees     %u, any %u of them open sums\n", who.trustees(), who.quorum());
    std::printf("primes       wiped from memory, written nowhere\n");
    std::printf("time         %s\n\n", examples::human_seconds(watch.seconds()).c_str());
    std::printf("written      %-34s public\n", (out / "ceremony").c_str());
    std::printf("             %-34s the key share of trustee I, sealed under its passphrase\n",
                (trustee + "/share").c_str());
    std::printf("             %-34s its signing key, sealed under the same\n",
                (trustee + "/identity").c_str());
    if (made_here)
        std::printf("             %-34s made here, readable by you alone\n",
                    (trustee + "/passphrase").c_str());
    std::printf("\nhand over    %s: to everybody, with the key id over a second channel\n",
                (out / "ceremony").c_str());
    std::printf("             %s: to trustee I and to nobody else%s\n", trustee.c_str(),
                made_here ? "; its passphrase by another way than its share" : "");
    std::printf(
        "             each trustee then runs `keys check` on a folder with ceremony and its own trustee-I\n");
    std::printf("remove       %s here, once the trustees have checked theirs\n", all.c_str());
    if (!made_here)
        std::printf("             %s: whoever has it and the shares opens everything\n",
                    given.passphrases.c_str());
    if (who.quorum() == 1)
        std::printf("note         with a quorum of 1 each trustee alone can open every contribution\n");
    return {};
}

// --- check ---

namespace detail {

inline const std::string or_whoever = ", or whoever changed the file since";

// The six checks of aggregation/ceremony.hpp, by their numbers there.
template <class Scheme>
std::optional<veilsum::aggregation::ceremony<Scheme>> check_ceremony(const bytes& data, checklist& checks) {
    const std::array<std::string, 6> names = {
        "the ceremony decodes, with one signing key for each trustee",
        "the key: " + std::to_string(Scheme::modulus_bits) + " bits, no factor below 2^16, a usable root",
        "the key's proof: two primes above 2^256, gcd(n, phi(n)) = 1",
        "the verification keys are units",
        "the verification keys lie on one polynomial and open 1 to 1",
        "every trustee has acknowledged its share",
    };
    auto ceremony = veilsum::aggregation::ceremony<Scheme>::parse(data);
    std::optional<error> failure;
    std::size_t at = 0;
    if (!ceremony) {
        failure = ceremony.error();
        at = failure->check;
    } else if (const auto good = ceremony->check(); !good) {
        failure = good.error();
        at = good.error().check;
    }
    for (std::size_t number = 1; number <= names.size(); ++number) {
        const std::string& name = names[number - 1];
        if (!failure || number < at) {
            checks.passed(name);
        } else if (number == at) {
            const std::string culprit = std::exchange(failure->culprit, {});
            checks.failed(name, *failure, (culprit.empty() ? "the dealer" : culprit) + or_whoever);
        } else {
            checks.not_reached(name);
        }
    }
    if (failure) return std::nullopt;
    return *std::move(ceremony);
}

template <class Scheme>
void check_trustee(const std::filesystem::path& folder, std::uint32_t index,
                   const veilsum::aggregation::ceremony<Scheme>& ceremony, checklist& checks) {
    const std::string name = "trustee " + std::to_string(index);
    std::error_code ignored;
    if (!std::filesystem::exists(examples::trustee_folder(folder, index), ignored))
        return checks.left_out(name,
                               "no folder " + examples::trustee_folder(folder, index).filename().string());
    if (!std::filesystem::exists(examples::trustee_folder(folder, index) / "passphrase", ignored))
        return checks.left_out(name,
                               "no passphrase beside its share: a file `passphrase` with that one line");

    const std::string opens = name + ": the share opens with its passphrase";
    const std::string fits = name + ": the share fits the verification key v_" + std::to_string(index);
    const std::string signs = name + ": the signing key is the one that the ceremony lists";
    const auto passphrase = examples::read_passphrase(folder, index);
    if (!passphrase) return checks.failed(opens, passphrase.error(), name);
    const auto share = examples::read_share<Scheme>(folder, index, *passphrase, ceremony.key);
    if (!share) {
        checks.failed(opens, share.error(),
                      name + "'s files: another passphrase, or a share file that was changed");
        return checks.not_reached(fits);
    }
    checks.passed(opens);
    const auto matches = share->check(ceremony.key, ceremony.verification);
    matches ? checks.passed(fits)
            : checks.failed(fits, error(matches.error()).by({}), "the dealer, who sealed another share");
    const auto identity = examples::read_identity<Scheme>(folder, index, *passphrase, ceremony);
    identity ? checks.passed(signs)
             : checks.failed(signs, identity.error(), name + "'s files: changed, or another ceremony's");
}

} // namespace detail

template <class Scheme>
void commands<Scheme>::check(const std::filesystem::path& folder, const bytes& data,
                             const std::filesystem::path& before, checklist& checks) {
    const auto ceremony = detail::check_ceremony<Scheme>(data, checks);
    if (!ceremony) return checks.left_out("all trustees", "the ceremony was refused");
    const std::uint32_t epoch = ceremony->verification.epoch().number();
    if (!before.empty()) {
        const std::string follows = "the refresh leads here from " + before.string();
        const auto checked = [&]() -> result<void> {
            const auto earlier = examples::read_ceremony<Scheme>(before);
            if (!earlier) return earlier.error();
            const auto messages = examples::read_file(folder / "refresh", examples::max_refresh_bytes);
            if (!messages) return messages.error();
            return examples::check_refresh(*earlier, *ceremony, *messages);
        }();
        checked ? checks.passed(follows)
                : checks.failed(follows, error(checked.error()).by({}),
                                checked.error().culprit.empty() ? "whoever made or changed the files"
                                                                : checked.error().culprit);
    } else if (epoch > 0) {
        checks.left_out("the refresh",
                        "epoch " + std::to_string(epoch) + ": --before FOLDER names the earlier one");
    }
    for (std::uint32_t i = 1; i <= ceremony->structure().trustees(); ++i)
        detail::check_trustee<Scheme>(folder, i, *ceremony, checks);
}

// --- refresh ---

template <class Scheme>
result<void> commands<Scheme>::refresh(const std::filesystem::path& folder, const std::string& out) {
    if (const auto trial = examples::new_folder::create(out); !trial) return trial.error();
    const auto before = examples::read_ceremony<Scheme>(folder);
    if (!before) return before.error();
    const examples::stopwatch watch;
    veilsum::random::system_random rng;
    std::vector<examples::trustee_secrets<Scheme>> trustees;
    std::vector<veilsum::secret<bytes>> passphrases;
    for (std::uint32_t i = 1; i <= before->structure().trustees(); ++i) {
        auto passphrase = examples::read_passphrase(folder, i);
        if (!passphrase) return passphrase.error();
        passphrases.push_back(*std::move(passphrase));
        auto trustee = examples::read_trustee<Scheme>(folder, i, *before);
        if (!trustee) return trustee.error();
        trustees.push_back(*std::move(trustee));
    }
    std::optional<examples::refreshed_ceremony<Scheme>> made;
    {
        examples::progress_bar bar("refreshing shares", "steps");
        auto done = examples::refresh_ceremony<Scheme>(*before, std::move(trustees), rng, bar.watcher());
        if (!done) return done.error();
        made.emplace(*std::move(done));
    }
    {
        examples::progress_bar bar("sealing shares", "trustees");
        if (auto written =
                examples::write_ceremony<Scheme>(out, made->dealt, std::move(passphrases), rng, bar.watcher(),
                                                 examples::passphrase_files::beside_shares, made->messages);
            !written)
            return written;
    }
    const std::filesystem::path to = std::filesystem::path(out).lexically_normal();
    std::printf("key          the same, id %s\n", to_hex(before->key.id()).c_str());
    std::printf("epoch        %u, before %u\n", made->dealt.ceremony.verification.epoch().number(),
                before->verification.epoch().number());
    std::printf("time         %s\n\n", examples::human_seconds(watch.seconds()).c_str());
    std::printf("written      %-34s public; sessions from now on use it\n", (to / "ceremony").c_str());
    std::printf("             %-34s public: every message, for `keys check %s --before %s`\n",
                (to / "refresh").c_str(), out.c_str(), folder.c_str());
    std::printf("             %-34s the new share of trustee I, under its old passphrase\n",
                (to / "trustee-I/share").c_str());
    std::printf(
        "\nremove       %s: every trustee its old share and all copies, once all have checked the new "
        "ones;\n             %u old shares together open everything for ever\n",
        (folder / "trustee-I/share").c_str(), before->structure().quorum());
    std::printf(
        "note         here all trustees were on one machine, which saw all shares: apart, they exchange the "
        "same messages\n");
    return {};
}

// --- show ---

template <class Scheme>
result<void> commands<Scheme>::show(const std::filesystem::path& folder) {
    const auto ceremony = examples::read_ceremony<Scheme>(folder);
    if (!ceremony) return ceremony.error();
    const bytes whole = ceremony->serialize();
    const auto& who = ceremony->structure();
    std::printf("key          Paillier, n of %zu bits, degree %zu\n", std::size_t{Scheme::modulus_bits},
                std::size_t{Scheme::degree});
    std::printf("key id       %s\n", to_hex(ceremony->key.id()).c_str());
    std::printf("plaintexts   integers of %zu bits with their sign\n",
                std::size_t{Scheme::plaintext_bits} - 1);
    std::printf("ciphertexts  %zu bytes each\n", std::size_t{Scheme::ciphertext_bytes});
    std::printf("quorum       %u of %u trustees open a sum\n", who.quorum(), who.trustees());
    std::printf("epoch        %u%s\n", ceremony->verification.epoch().number(),
                ceremony->verification.epoch().is_dealing() ? ", as dealt" : "");
    std::printf("ceremony     %zu bytes, SHA-256 %s\n", whole.size(),
                to_hex(veilsum::hash::sha256(whole)).c_str());
    std::printf("             fingerprint %s\n", fingerprint(whole).c_str());
    std::printf("\n%-12s %-64s  %s\n", "trustee", "signing key", "fingerprint");
    for (std::size_t i = 0; i < ceremony->trustees.size(); ++i) {
        const auto& signer = ceremony->trustees[i].bytes();
        std::printf("%-12zu %s  %s\n", i + 1, to_hex(signer).c_str(), fingerprint(signer).c_str());
    }
    return {};
}

} // namespace keys
