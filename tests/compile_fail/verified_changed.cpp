// refused: (assignment of read-only location|cannot assign to return value)
// What was checked stays as it was.
#include <veilsum/zk/verified.hpp>

struct checker {
    static veilsum::zk::verified<int, checker> check(int value) {
        return veilsum::zk::verified<int, checker>(value);
    }
};

int main() {
    auto seven = checker::check(7);
#ifdef VEILSUM_MISUSE
    *seven = 8;
#else
    seven = checker::check(8);
#endif
    return *seven == 8 ? 0 : 1;
}
