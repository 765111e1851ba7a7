// Integers of 128 bits, for products of two words.
#pragma once

namespace veilsum {

// 128 bits, for the product of two words.
__extension__ typedef unsigned __int128 double_word;

} // namespace veilsum
