// refused: (cannot convert|could not convert|no viable conversion|no matching function)
// An integer is not a party by itself.
#include <veilsum/core/party.hpp>

bool is_first(veilsum::party_id id) {
    return id.index() == 1;
}

int main() {
#ifdef VEILSUM_MISUSE
    return is_first(1) ? 0 : 1;
#else
    return is_first(veilsum::party_id(1)) ? 0 : 1;
#endif
}
