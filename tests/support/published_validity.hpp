// The submissions published with the specification of validity proofs (tests/vectors/validity-vectors.json):
// what they are about, without a key.
#pragma once

#include "support/catch.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/transcript/context.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
#include <utility>

namespace veilsum::test {

inline const nlohmann::json& published_validity() {
    static const nlohmann::json loaded = [] {
        std::ifstream file(VEILSUM_SOURCE_DIR "/tests/vectors/validity-vectors.json");
        REQUIRE(file);
        return nlohmann::json::parse(file);
    }();
    return loaded;
}

inline bytes published_bytes(const nlohmann::json& hex) {
    auto data = from_hex(hex.get<std::string>());
    REQUIRE(data);
    return *std::move(data);
}

template <std::size_t Size>
byte_array<Size> published_array(const nlohmann::json& hex) {
    const bytes data = published_bytes(hex);
    REQUIRE(data.size() == Size);
    byte_array<Size> out{};
    std::copy(data.begin(), data.end(), out.begin());
    return out;
}

// One of `published_validity()["cases"]`.
struct published_case {
    const nlohmann::json& data;
    encoding::matrix_layout layout;
    transcript::context context; // the key id is of the vectors' own key format

    explicit published_case(const nlohmann::json& given) : data(given), layout(layout_of(given["params"])) {
        context.session = published_array<32>(given["session"]);
        context.round = given["round"];
        context.party = published_array<32>(given["client"]);
        context.key = published_array<32>(given["key_id"]);
        context.parameters = layout.digest();
        context.binding = published_array<32>(given["binding"]);
    }

  private:
    static encoding::matrix_layout layout_of(const nlohmann::json& given) {
        encoding::layout_parameters made;
        made.nbits = given["nbits"];
        made.b = given["b"];
        made.m = given["max_clients"];
        made.wmax = given["wmax"];
        made.d = given["d"];
        made.C = given["C"];
        made.flags = given["flags"];
        made.a = given["a"];
        made.md = given["md"];
        made.B2 = encoding::norm_bound_bytes(std::stoull(given["B2"].get<std::string>()));
        auto layout = encoding::matrix_layout::create(
            made, {.modulus_bits = 512, .exponent_bits = 64, .digit_bits = 25});
        REQUIRE(layout);
        return *layout;
    }
};

} // namespace veilsum::test
