// What everybody knows of a session from its first record and the ceremony that it names.
//
// Clients check this before they encrypt, trustees before they follow the record; made by `open_session` only
// from a record and a ceremony that pass. Public data.
#pragma once

#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <utility>

namespace veilsum::aggregation {

// What follows from the first record, checked by `open_session`. After a key rotation (key_rotated.hpp) the
// ceremony, and its digest and key id in the header, are those of the ceremony in force.
template <class Scheme>
struct session_facts {
    hash::digest32 id;                               // SHA-256 of the first record
    session_header header;                           // the first record's body
    veilsum::aggregation::ceremony<Scheme> ceremony; // in force
};

// May a session use this ceremony? Its own checks, and a quorum of more than half of the trustees.
//
// Trustees do not talk to each other: with 2 of 4, an aggregator that shows one closing to two of them and
// another closing to the other two has both sets opened, each by honest trustees who opened one. Two
// majorities share a trustee, and its journal refuses the second.
template <class Scheme>
result<void> check_ceremony(const ceremony<Scheme>& ceremony) {
    if (auto good = ceremony.check(); !good) return std::move(good).error().at("ceremony");
    if (2 * ceremony.structure().quorum() <= ceremony.structure().trustees())
        return error{errc::bad_parameter, "quorum is no majority of the trustees", 0, "ceremony"};
    return {};
}

// Reads the ceremony that a record names by its digest and by the id of its key, and checks it.
template <class Scheme>
result<ceremony<Scheme>> read_ceremony(const hash::digest32& digest, const hash::digest32& key,
                                       const body_reader& bodies) {
    auto body = bodies(digest, max_ceremony_bytes);
    if (!body) return body.error();
    auto parsed = ceremony<Scheme>::parse(*body);
    if (!parsed) return std::move(parsed).error().at("ceremony");
    if (parsed->key.id() != key) return error{errc::wrong_key, "key id of the session", 0, "ceremony"};
    if (auto good = check_ceremony(*parsed); !good) return good.error();
    return parsed;
}

// Checks the first record of a session and the ceremony it names (step 3).
template <class Scheme>
result<session_facts<Scheme>> open_session(const audit::record& first, const body_reader& bodies) {
    if (first.sequence != 0 || first.type != static_cast<std::uint16_t>(record_type::session_opened))
        return error{errc::malformed, "first record is not session_opened", 0, "record 0"};
    if (first.version != record_version) return error{errc::unsupported, "record version", 0, "record 0"};
    if (first.previous != hash::digest32{})
        return error{errc::mismatch, "record before the first", 0, "record 0"};
    auto header = session_header::parse(first.body);
    if (!header) return std::move(header).error().at("record 0");
    if (header->modulus_bits != Scheme::modulus_bits || header->degree != Scheme::degree)
        return error{errc::unsupported, "modulus size and degree of the session", 0, "record 0"};
    auto parsed = read_ceremony<Scheme>(header->ceremony, header->key, bodies);
    if (!parsed) return parsed.error();
    if (auto aggregator = sign::verifying_key::parse(header->aggregator); !aggregator)
        return std::move(aggregator).error().at("record 0");
    return session_facts<Scheme>{audit::record_hash(first), *std::move(header), *std::move(parsed)};
}

} // namespace veilsum::aggregation
