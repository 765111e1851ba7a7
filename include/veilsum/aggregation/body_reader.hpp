// How the roles read bodies: a function from digest to bytes. A store, a folder or a message in memory can be
// behind it; whoever supplies it must return bytes with that digest or an error.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>

#include <functional>

namespace veilsum::aggregation {

using body_reader = std::function<result<bytes>(const hash::digest32& digest, std::size_t max_bytes)>;

// A reader of the bodies of a store, which must outlive it.
template <class Store>
body_reader bodies_of(const Store& store) {
    return [&store](const hash::digest32& digest, std::size_t max_bytes) {
        return store.get_body(digest, max_bytes);
    };
}

// Serves one body from memory and everything else from `others`.
inline body_reader with_body(hash::digest32 digest, byte_view body, body_reader others) {
    return [digest, body, others = std::move(others)](const hash::digest32& wanted,
                                                      std::size_t max_bytes) -> result<bytes> {
        if (wanted != digest) return others(wanted, max_bytes);
        if (body.size() > max_bytes) return error{errc::out_of_range, "length of the body"};
        return bytes(body.begin(), body.end());
    };
}

} // namespace veilsum::aggregation
