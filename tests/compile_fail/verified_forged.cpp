// refused: (is private within this context|calling a private constructor)
// That something was checked can be said by its verifier only.
#include <veilsum/zk/verified.hpp>

struct checker {
    static veilsum::zk::verified<int, checker> check(int value) {
        return veilsum::zk::verified<int, checker>(value);
    }
};

int main() {
#ifdef VEILSUM_MISUSE
    const auto seven = veilsum::zk::verified<int, checker>(7);
#else
    const auto seven = checker::check(7);
#endif
    return *seven == 7 ? 0 : 1;
}
