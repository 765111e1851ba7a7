// refused: (cannot bind rvalue reference|no matching function|expects an rvalue|rvalue reference)
// The masks behind an announcement serve one response: a second one would give the witness away.
#include <veilsum/modular/default_engine.hpp>
#include <veilsum/zk/equal_exponent.hpp>

#include <utility>

using equal_exponent = veilsum::zk::equal_exponent<veilsum::modular::default_engine<4096>>;

int main() {}

void answer(const equal_exponent::statement& claim, const equal_exponent::witness& known,
            equal_exponent::announcement_secret& masks, const equal_exponent::challenge& e) {
#ifdef VEILSUM_MISUSE
    (void)equal_exponent::respond(claim, known, masks, e);
#else
    (void)equal_exponent::respond(claim, known, std::move(masks), e);
#endif
}
