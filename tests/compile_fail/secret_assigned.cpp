// refused: (use of deleted function|overload resolution selected deleted operator)
// A secret is moved, never copied, by assignment either.
#include <veilsum/core/secret.hpp>

#include <utility>

int main() {
    veilsum::secret<veilsum::bytes> one{veilsum::bytes{1}};
    veilsum::secret<veilsum::bytes> two{veilsum::bytes{2}};
#ifdef VEILSUM_MISUSE
    two = one;
#else
    two = std::move(one);
#endif
    return two.expose()[0];
}
