// refused: (discards qualifiers|drops .const. qualifier)
// The value of a secret that dies at the end of the expression cannot be taken for changing.
#include <veilsum/core/secret.hpp>

veilsum::secret<veilsum::byte_array<4>> make() {
    return veilsum::secret<veilsum::byte_array<4>>{veilsum::byte_array<4>{}};
}

int main() {
#ifdef VEILSUM_MISUSE
    veilsum::byte_array<4>& open = make().expose();
    return open[0];
#else
    const auto kept = make();
    return kept.expose()[0];
#endif
}
