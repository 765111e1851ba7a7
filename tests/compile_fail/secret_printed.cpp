// refused: (no match for .operator<<|invalid operands to binary expression)
// A secret has no text form.
#include <veilsum/core/secret.hpp>

#include <iostream>

struct number {
    int value = 0;
    void wipe() { value = 0; }
};
std::ostream& operator<<(std::ostream& out, const number& n) {
    return out << n.value;
}

int main() {
    veilsum::secret<number> hidden{number{}};
#ifdef VEILSUM_MISUSE
    std::cout << hidden;
#else
    std::cout << hidden.expose();
#endif
}
