// refused: (no match for .operator==|invalid operands to binary expression)
// Secrets are not compared with ==, which would stop at the first difference.
#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/secret.hpp>

int main() {
    const veilsum::secret<veilsum::byte_array<4>> one{veilsum::byte_array<4>{}};
    const veilsum::secret<veilsum::byte_array<4>> two{veilsum::byte_array<4>{}};
#ifdef VEILSUM_MISUSE
    return one == two ? 0 : 1;
#else
    return veilsum::equal_constant_time(one.expose(), two.expose()) ? 0 : 1;
#endif
}
