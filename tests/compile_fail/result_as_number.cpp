// refused: (cannot convert|no viable conversion)
// A result is asked in a condition; it is not a bool that travels on.
#include <veilsum/core/result.hpp>

veilsum::result<int> parse() {
    return 7;
}

int main() {
#ifdef VEILSUM_MISUSE
    const bool good = parse();
#else
    const bool good = parse().has_value();
#endif
    return good ? 0 : 1;
}
