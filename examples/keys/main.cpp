// keys: deals the shares of a decryption key to trustees, and checks what was dealt.
#include "keys/checklist.hpp"
#include "keys/commands.hpp"
#include "support/ceremony_folder.hpp"
#include "support/console.hpp"
#include "support/modulus_sizes.hpp"

#include <veilsum/integer/wiping_memory.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace {

using examples::errc;
using examples::error;
using examples::result;

constexpr int done = 0, refused = 1, bad_usage = 2;

int deal(const keys::deal_request& given) {
    const auto wrong = [](const error& reason) {
        examples::fail("keys", reason);
        return bad_usage;
    };
    const auto size = examples::with_scheme(given.modulus_bits, [](auto) { return result<void>(); });
    if (!size) return wrong(size.error());
    const auto who = veilsum::threshold::structure::create(given.quorum, given.trustees);
    if (!who)
        return wrong(
            error{errc::bad_parameter, "quorum and trustees: need 1 <= quorum <= trustees <= 64", 0,
                  "quorum " + std::to_string(given.quorum) + ", trustees " + std::to_string(given.trustees)});

    if (2 * given.quorum <= given.trustees)
        return wrong(
            error{errc::bad_parameter, "a session needs a quorum of more than half of the trustees", 0,
                  "quorum " + std::to_string(given.quorum) + ", trustees " + std::to_string(given.trustees)});

    std::vector<veilsum::secret<veilsum::bytes>> passphrases;
    if (!given.passphrases.empty()) {
        auto read = examples::read_passphrases(given.passphrases, given.trustees);
        if (!read) return examples::fail("keys", read.error());
        passphrases = *std::move(read);
    }
    const auto dealt = examples::with_scheme(given.modulus_bits, [&]<class Scheme>(Scheme) {
        return keys::commands<Scheme>::deal(given, *who, std::move(passphrases));
    });
    if (dealt) return done;
    examples::fail("keys", dealt.error());
    std::fprintf(stderr, "keys: nothing was dealt, and no part of a key was left behind\n");
    return refused;
}

int check(const std::string& folder, const std::string& before) {
    std::printf("keys check of %s\n\n", folder.c_str());
    keys::checklist checks;
    const auto checked = [&]() -> result<void> {
        const auto data = examples::read_ceremony_file(folder);
        if (!data) return data.error();
        const auto bits = veilsum::aggregation::modulus_bits_of_ceremony(*data);
        if (!bits) return bits.error();
        return examples::with_scheme(*bits, [&]<class Scheme>(Scheme) {
            keys::commands<Scheme>::check(folder, *data, before, checks);
            return result<void>();
        });
    }();
    if (!checked) {
        checks.failed("the ceremony decodes", checked.error(),
                      "the dealer, or whoever changed the file since");
        checks.left_out("all trustees", "the ceremony was refused");
    }
    checks.print_verdict();
    return checks.accepted() ? done : refused;
}

int refresh(const std::string& folder, const std::string& out) {
    const auto bits = examples::modulus_bits_of_ceremony(folder);
    if (!bits) return examples::fail("keys", bits.error());
    const auto done_so = examples::with_scheme(
        *bits, [&]<class Scheme>(Scheme) { return keys::commands<Scheme>::refresh(folder, out); });
    if (done_so) return done;
    examples::fail("keys", done_so.error());
    std::fprintf(stderr, "keys: nothing was refreshed; the old shares are as they were\n");
    return refused;
}

int show(const std::string& folder) {
    const auto bits = examples::modulus_bits_of_ceremony(folder);
    if (!bits) return examples::fail("keys", bits.error());
    const auto shown = examples::with_scheme(
        *bits, [&]<class Scheme>(Scheme) { return keys::commands<Scheme>::show(folder); });
    return shown ? done : examples::fail("keys", shown.error());
}

} // namespace

int main(int argc, char** argv) {
    veilsum::integer::wipe_gmp_memory();
    CLI::App app("Makes a key whose sums only a quorum of trustees can open, and checks what was dealt.\n"
                 "Exit status: 0 done and right, 1 refused or a check failed, 2 bad usage.");
    app.require_subcommand(1);
    keys::deal_request request;
    std::string folder;

    const auto dealing = app.add_subcommand("deal", "make a key and one sealed share for each trustee");
    dealing->add_option("--bits", request.modulus_bits, "key size: 2048, 3072 or 4096")
        ->capture_default_str();
    dealing->add_option("--trustees", request.trustees, "holders of key shares, at most 64")
        ->capture_default_str();
    dealing->add_option("--quorum", request.quorum, "trustees needed to open a sum")->capture_default_str();
    dealing->add_option("--out", request.out, "folder to make, which must not exist")->required();
    dealing->add_option(
        "--passphrases", request.passphrases,
        "file with one passphrase a line, trustee 1 first; default: random ones, beside each share");

    const auto checking =
        app.add_subcommand("check", "check a ceremony and the trustees' shares that lie with it");
    checking->add_option("folder", folder, "folder with the file ceremony")
        ->required()
        ->check(CLI::ExistingDirectory);

    std::string before, out;
    checking->add_option("--before", before, "the folder of which this is a refresh: check that too")
        ->check(CLI::ExistingDirectory);

    const auto refreshing = app.add_subcommand(
        "refresh", "new shares of the same key, with all trustees' shares and passphrases in one folder");
    refreshing->add_option("folder", folder, "folder as `deal` made it")
        ->required()
        ->check(CLI::ExistingDirectory);
    refreshing->add_option("--out", out, "folder to make, which must not exist")->required();

    const auto showing =
        app.add_subcommand("show", "print sizes, ids and fingerprints of a ceremony that checks");
    showing->add_option("folder", folder, "folder with the file ceremony")
        ->required()
        ->check(CLI::ExistingDirectory);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? done : bad_usage;
    }
    if (*dealing) return deal(request);
    if (*refreshing) return refresh(folder, out);
    return *checking ? check(folder, before) : show(folder);
}
