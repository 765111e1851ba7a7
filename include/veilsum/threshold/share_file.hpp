// A key share at rest: sealed under a passphrase, tied to its key and index.
//
//     frame(share_file, 1) of
//        0        32      34
//       +--------+-------+----------------------------------------------+
//       | key id | index | passphrase box of the key_share frame, var   |
//       +--------+-------+----------------------------------------------+
//           32      u16       u32 length, then the box (seal/passphrase_box.hpp)
//
// Key id and index are readable, so that a trustee finds the right file; they are the associated data of the
// box, so that a file cannot be relabelled. What the box holds must say the same once more, and the epoch.
//
// `open_share` checks, by number: 1 the frame decodes; 2 the file is for this key; 3 the passphrase opens the
// box (a wrong passphrase and a changed box cannot be told apart); 4 the share inside decodes and is the one
// that the label says. Whether it fits the ceremony's v_i is `key_share::check`.
// spec: threshold, share file
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/seal/passphrase_box.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace veilsum::threshold {

// Version of the format.
inline constexpr std::uint16_t share_file_version = 1;

// key id || index: what a share file is about, in the open.
inline bytes share_file_label(const hash::digest32& key_id, std::uint16_t index) {
    wire::writer out(34);
    out.fixed(key_id);
    out.u16(index);
    return std::move(out).take();
}

// The longest body of a share file under a scheme, whatever structure and epoch.
template <class Scheme>
inline constexpr std::size_t share_file_body_bytes =
    34 + 4 + wire::frame_header_bytes + key_share<Scheme>::max_body_bytes + seal::passphrase_box_overhead;

// The share, not moved from, as a file that its passphrase opens: Argon2id and XChaCha20-Poly1305.
template <class Scheme, random::random_source Source>
result<bytes> seal_share(const secret<bytes>& passphrase, const key_share<Scheme>& share,
                         seal::passphrase_cost cost, Source& rng) {
    const bytes label = share_file_label(share.key_id(), static_cast<std::uint16_t>(share.index().index()));
    const secret<bytes> plain = share.serialize();
    const auto box = seal::seal_with_passphrase(passphrase, plain.expose(), label, cost, rng);
    if (!box) return box.error();
    wire::writer out(label.size() + 4 + box->size());
    out.fixed(label);
    out.var(*box);
    return wire::frame(static_cast<std::uint16_t>(wire::message_type::share_file), share_file_version,
                       out.view());
}

// The share in a file of seal_share. Checks, by number: 1 the form; 2 it is for this key (wrong_key); 3 the
// passphrase opens the box; 4 the share parses and is that of the index on the file.
template <class Scheme>
result<key_share<Scheme>> open_share(const secret<bytes>& passphrase, byte_view file,
                                     const paillier::public_key<Scheme>& key) {
    const auto body = wire::unframe(file, static_cast<std::uint16_t>(wire::message_type::share_file),
                                    share_file_version, share_file_body_bytes<Scheme>);
    if (!body) return error(body.error()).in_check(1);
    wire::reader in(*body);
    const auto key_id = in.array<32>();
    const std::uint16_t index = in.u16();
    const byte_view box = in.var(share_file_body_bytes<Scheme>);
    if (auto end = in.finish(); !end) return error(end.error()).in_check(1);
    if (key_id != key.id()) return error{errc::wrong_key, "share file", 2};

    const auto plain = seal::open_with_passphrase(passphrase, box, share_file_label(key_id, index));
    if (!plain) return error(plain.error()).in_check(3);
    auto share = key_share<Scheme>::parse(key, plain->expose());
    if (!share) return error(share.error()).in_check(4);
    if (share->index().index() != index) return error{errc::mismatch, "index of the share file", 4};
    return share;
}

} // namespace veilsum::threshold
