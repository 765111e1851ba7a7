// refused: (constraint failure|constraints not satisfied)
// What cannot be wiped cannot be kept secret.
#include <veilsum/core/secret.hpp>

#include <string>

int main() {
#ifdef VEILSUM_MISUSE
    veilsum::secret<std::string> hidden{std::string("passphrase")};
#else
    veilsum::secret<veilsum::bytes> hidden{veilsum::bytes{'p'}};
#endif
}
