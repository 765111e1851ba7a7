// refused: (use of deleted function|call to deleted constructor)
// A secret is moved, never copied.
#include <veilsum/core/secret.hpp>

#include <utility>

int main() {
    veilsum::secret<veilsum::byte_array<32>> one{veilsum::byte_array<32>{}};
#ifdef VEILSUM_MISUSE
    veilsum::secret<veilsum::byte_array<32>> two = one;
#else
    veilsum::secret<veilsum::byte_array<32>> two = std::move(one);
#endif
    return two.expose()[0];
}
