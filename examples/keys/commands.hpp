// The four commands for one key size. Each size_*.cpp holds one size, so that they are compiled side by
// side.
#pragma once

#include "keys/checklist.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/paillier/scheme.hpp>
#include <veilsum/threshold/structure.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace keys {

struct deal_request {
    std::size_t modulus_bits = 3072;
    std::uint32_t trustees = 3;
    std::uint32_t quorum = 2;
    std::string out;
    std::string passphrases; // file; empty: made here
};

template <class Scheme>
struct commands {
    // `passphrases` empty: made here and written beside the shares.
    static veilsum::result<void> deal(const deal_request& given, const veilsum::threshold::structure& who,
                                      std::vector<veilsum::secret<veilsum::bytes>> passphrases);
    // Prints each check as it is made. The ceremony's come first; without them the trustees' mean nothing.
    // `before`: the folder that FOLDER is a refresh of; empty: not looked at.
    static void check(const std::filesystem::path& folder, const veilsum::bytes& ceremony,
                      const std::filesystem::path& before, checklist& checks);
    static veilsum::result<void> show(const std::filesystem::path& folder);
    // `out` must not exist yet.
    static veilsum::result<void> refresh(const std::filesystem::path& folder, const std::string& out);
};

extern template struct commands<veilsum::paillier::scheme<2048, 1>>;
extern template struct commands<veilsum::paillier::scheme<3072, 1>>;
extern template struct commands<veilsum::paillier::scheme<4096, 1>>;

} // namespace keys
