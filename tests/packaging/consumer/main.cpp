// One of two translation units that include everything: what is not inline is defined twice, and does not
// link.
#include <veilsum/veilsum.hpp>

#include <cstdio>
#include <string>

std::string hexadecimal_name();

int main() {
    const auto name = veilsum::from_hex(hexadecimal_name());
    if (!name) return 1;
    const std::string text(name->begin(), name->end());
    std::printf("%s\n", text.c_str());
}
