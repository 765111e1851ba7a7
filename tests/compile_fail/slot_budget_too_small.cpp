// refused: (not one slot of this width fits|a value has 2..24 bits)
// A slot configuration that could carry or wrap is not a type.
#include <veilsum/encoding/slots.hpp>

int main() {
#ifdef VEILSUM_MISUSE
    return static_cast<int>(veilsum::encoding::slot_budget<16, 1024, 27>::slots);
#else
    return static_cast<int>(veilsum::encoding::slot_budget<16, 1024, 28>::slots) - 1;
#endif
}
