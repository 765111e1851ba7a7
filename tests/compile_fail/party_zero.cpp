// refused: (call to non-.constexpr. function|must be initialized by a constant expression)
// Index 0 is where a shared polynomial holds the secret: no party has it.
#include <veilsum/core/party.hpp>

#ifdef VEILSUM_MISUSE
constexpr veilsum::party_id somebody{0};
#else
constexpr veilsum::party_id somebody{1};
#endif
static_assert(somebody.index() > 0);

int main() {}
