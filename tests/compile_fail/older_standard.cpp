// refused: veilsum needs C\+\+20
// misuse: -std=c++17
// What comes first must say why, before a hundred errors from the standard library.
#include <veilsum/paillier.hpp>

int main() {}
