// refused: (cannot convert|could not convert|no viable conversion|no matching function)
// A C string is not bytes by itself: whether its terminating zero belongs to it must not be a guess.
#include <veilsum/core/bytes.hpp>

std::size_t length(veilsum::byte_view data) {
    return data.size();
}

int main() {
#ifdef VEILSUM_MISUSE
    return length("abc") == 3 ? 0 : 1;
#else
    return length(veilsum::as_bytes("abc")) == 3 ? 0 : 1;
#endif
}
