// refused: (invalid initialization of reference|no viable conversion)
// A secret does not turn into its value by itself: expose() is the one door.
#include <veilsum/core/secret.hpp>

int main() {
    veilsum::secret<veilsum::byte_array<4>> hidden{veilsum::byte_array<4>{}};
#ifdef VEILSUM_MISUSE
    const veilsum::byte_array<4>& open = hidden;
#else
    const veilsum::byte_array<4>& open = hidden.expose();
#endif
    return open[0];
}
