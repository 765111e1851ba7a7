// The library's auditor for records with toy keys, many folders in one process: what `audit` is for real
// keys.
//
//     audit_toy < list of folders, one a line
//
// answers each with one line (`--log ` or `--light ` before the folder: not the full audit): `accepted`, or
// `refused <step> <record or -> <check> <culprit or -> <reason>`. The modulus has 512 bits, a size that no
// program accepts.
#include "support/session_instances.hpp"

#include "support/seeded_random.hpp"

#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/aggregation/light_session.hpp>
#include <veilsum/audit/body_folder.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/audit/posix_file.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using namespace veilsum;
using scheme = test::toy_scheme<1>;

result<hash::digest32> digest_of_file(const std::filesystem::path& path) {
    const auto file = audit::posix_file::open(path.string(), audit::posix_file::access::read);
    if (!file) return file.error();
    return audit::file_digest(*file);
}

enum class level { full, light, log };

aggregation::audit_verdict audit_folder(const std::filesystem::path& folder, level depth,
                                        test::seeded_random& rng) {
    aggregation::audit_verdict verdict;
    auto store = audit::log_reader::open(folder.string());
    if (!store) {
        verdict.failure =
            aggregation::audit_failure{aggregation::audit_step::chain, std::nullopt, store.error()};
        return verdict;
    }
    if (depth == level::log) return aggregation::audit_log(*store, {});
    // As the program `audit` does: the session's header says which key size to audit with.
    if (store->size() == 0) {
        verdict.failure = aggregation::audit_failure{
            aggregation::audit_step::chain, std::nullopt, {errc::missing, "first record"}};
        return verdict;
    }
    const auto first = store->first();
    const auto header = first ? aggregation::session_header::parse(first->body)
                              : result<aggregation::session_header>(first.error());
    if (!header) {
        verdict.failure = aggregation::audit_failure{aggregation::audit_step::ceremony, 0, header.error()};
        return verdict;
    }
    const auto artifacts = [&](const std::string& name) { return digest_of_file(folder / name); };
    if (depth == level::light)
        return aggregation::audit_session<scheme, aggregation::light_session>(*store, {}, artifacts, rng);
    return aggregation::audit_session<scheme>(*store, {}, artifacts, rng);
}

void print(const aggregation::audit_verdict& verdict) {
    if (verdict.accepted()) {
        std::cout << "accepted\n";
        return;
    }
    const auto& failure = *verdict.failure;
    std::string culprit = failure.reason.culprit.empty() ? "-" : failure.reason.culprit;
    std::replace(culprit.begin(), culprit.end(), ' ', '_');
    std::cout << "refused " << static_cast<unsigned>(failure.step) << ' '
              << (failure.record ? std::to_string(*failure.record) : "-") << ' ' << failure.reason.check
              << ' ' << culprit << ' ' << failure.reason.describe() << '\n';
}

} // namespace

int main() {
    test::seeded_random rng(1);
    constexpr std::string_view log_only = "--log ";
    constexpr std::string_view light = "--light ";
    for (std::string line; std::getline(std::cin, line);) {
        if (line.starts_with(log_only))
            print(audit_folder(line.substr(log_only.size()), level::log, rng));
        else if (line.starts_with(light))
            print(audit_folder(line.substr(light.size()), level::light, rng));
        else
            print(audit_folder(line, level::full, rng));
        std::cout.flush();
    }
    return 0;
}
