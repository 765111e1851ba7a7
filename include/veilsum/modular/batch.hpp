// Batches: loops over residues in chunks, so that a thread takes its scratch memory once a chunk.
#pragma once

#include <veilsum/core/parallel.hpp>

#include <algorithm>
#include <cstddef>

namespace veilsum::modular {

// body(first, last) over [0, count) in chunks of `chunk`, in parallel; one chunk starts no threads.
template <class Body>
void for_each_chunk(std::size_t count, std::size_t chunk, const Body& body) {
    if (count == 0) return;
    if (count <= chunk) return body(std::size_t{0}, count);
    parallel_for((count + chunk - 1) / chunk,
                 [&](std::size_t i) { body(i * chunk, std::min(count, (i + 1) * chunk)); });
}

// Chunk of operations that take `limb_products` each: some 20 microseconds of work, far above the cost of
// handing a chunk to a thread and short enough that threads end together.
constexpr std::size_t chunk_of(std::size_t limb_products) {
    return std::clamp<std::size_t>(50000 / std::max<std::size_t>(limb_products, 1), 1, 1024);
}

} // namespace veilsum::modular
