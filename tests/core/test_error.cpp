#include "support/catch.hpp"

#include <veilsum/core/error.hpp>

#include <set>

using namespace veilsum;

TEST_CASE("error: describe says code, what, check, place and culprit", "[core]") {
    CHECK(error{errc::malformed, "frame length"}.describe() == "malformed: frame length");
    CHECK(error{errc::bad_proof, "share proof"}.in_check(3).at("record 17").by("trustee 2").describe() ==
          "bad proof: share proof (check 3) at record 17, culprit trustee 2");
    CHECK(error{errc::io, "log"}.by("client 5").describe() == "input/output: log, culprit client 5");
}

TEST_CASE("error: what is not known stays empty", "[core]") {
    const error plain{errc::missing, "receipt"};
    CHECK(plain.check == 0);
    CHECK(plain.place.empty());
    CHECK(plain.culprit.empty());
}

TEST_CASE("error: each code has a name of its own", "[core]") {
    std::set<std::string_view> names;
    for (int code = 0; code <= static_cast<int>(errc::unsupported); ++code)
        names.insert(name_of(static_cast<errc>(code)));
    CHECK(names.size() == static_cast<std::size_t>(errc::unsupported) + 1);
    CHECK(names.count("unknown") == 0);
    CHECK(name_of(static_cast<errc>(255)) == "unknown");
}
