// Enrolment: a client says, under its signature, that it takes part in a session and with which weight.
//
//     enrolment record   client id 32 | weight u32 | serial u64 | signature 64
//     removal record     client id 32
//     message            frame(enrolment, 1) of the enrolment record
//
// The signature covers session, client id, weight and serial. The serial is the number of enrolments of this
// client that the record holds already, so that no enrolment counts twice and none can come back after a
// later one. Weight 0: the client leaves. A removal is the aggregator's decision and needs no signature. What
// they add up to is the pool (client_pool.hpp), from which the roster of every round follows.
//
// spec: wire-format, section 4.1
#pragma once

#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace veilsum::aggregation {

struct enrolment {
    static constexpr std::size_t size = 32 + 4 + 8 + 64; // bytes

    byte_array<32> client{};
    std::uint32_t weight = 0; // of its updates in the sum; 0: leaves
    std::uint64_t serial = 0; // enrolments of this client that the record holds already
    sign::signature signature{};

    bool operator==(const enrolment&) const = default;

    bytes serialize() const {
        wire::writer out;
        out.fixed(client);
        out.u32(weight);
        out.u64(serial);
        out.fixed(signature);
        return std::move(out).take();
    }
    static result<enrolment> parse(byte_view body) {
        wire::reader in(body);
        enrolment made;
        made.client = in.array<32>();
        made.weight = in.u32();
        made.serial = in.u64();
        made.signature = in.array<64>();
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }

    // The frame that a client sends.
    bytes message() const { return wire::frame(wire::message_type::enrolment, 1, serialize()); }
    // Reads `message`; errors of wire/frame.hpp and of `parse`.
    static result<enrolment> parse_message(byte_view data) {
        const auto body = wire::unframe(data, wire::message_type::enrolment, 1, size);
        if (!body) return body.error();
        return parse(*body);
    }

    bytes signed_message(const hash::digest32& session) const {
        wire::writer out;
        out.fixed(session);
        out.fixed(client);
        out.u32(weight);
        out.u64(serial);
        return std::move(out).take();
    }
};

// The aggregator takes a client out of the pool.
struct removal {
    byte_array<32> client{};

    bytes serialize() const { return bytes(client.begin(), client.end()); }
    static result<removal> parse(byte_view body) {
        wire::reader in(body);
        removal made{in.array<32>()};
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }
};

} // namespace veilsum::aggregation
