// refused: (ignoring returned value of type|ignoring return value)
// A check whose outcome nobody reads is not a check.
#include <veilsum/core/result.hpp>

veilsum::result<void> check() {
    return {};
}

int main() {
#ifdef VEILSUM_MISUSE
    check();
    return 0;
#else
    return check() ? 0 : 1;
#endif
}
