// Decoders of the foundations: text, numbers, frames, points, signatures, sealed boxes.
//
//      0  from_hex                          7  scalar::from_bytes            14  revealed_identity::create
//      1  gmp_integer::from_decimal         8  point::parse                  15  audit::from_base64
//      2  gmp_integer::from_hex             9  group::parse_all              16  audit::from_decimal
//      3  gmp_integer::from_bytes          10  verifying_key::parse          17  take_code_point
//      4  party_id::parse                  11  verifying_key::verify         18  matrix_layout::create
//      5  unframe                          12  open_with_passphrase
//      6  wire::reader                     13  open_message
//
// A box under a passphrase is opened only at the least cost of Argon2: its cost stands in the box, and a
// fuzzer that tries the largest allowed would do nothing else.
#include "fuzz/decoders.hpp"

#include "support/seeded_random.hpp"

#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/seal/passphrase_box.hpp>
#include <veilsum/seal/sealed_message.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using integer::bigint;
using test::seeded_random;

template <class T, class Write>
bool one_text(byte_view data, const std::optional<T>& read, const Write& write) {
    if (!read) return false;
    require(write(*read) == as_text(data), "text that decodes is written back the same");
    return true;
}
bytes joined(byte_view a, byte_view b) {
    bytes out(a.begin(), a.end());
    out.insert(out.end(), b.begin(), b.end());
    return out;
}

const sign::signing_key& identity() {
    static const sign::signing_key key = [] {
        seeded_random rng(5);
        return sign::signing_key::generate(rng);
    }();
    return key;
}
secret<bytes> passphrase() {
    return secret<bytes>(as_sample("a passphrase"));
}
constexpr std::string_view associated = "what the box belongs to";

// Everything that a reader can be asked for, as the input's first octets say.
bool read_with(byte_view data) {
    parts program(data);
    const byte_view asked = program.take(program.octet() % 16);
    const byte_view content = program.rest();
    wire::reader in(content);
    wire::writer out;
    bool invertible = true;
    for (const std::uint8_t what : asked) {
        const std::size_t before = in.remaining();
        switch (what % 8) {
        case 0:
            out.u8(in.u8());
            break;
        case 1:
            out.u16(in.u16());
            break;
        case 2:
            out.u32(in.u32());
            break;
        case 3:
            out.u64(in.u64());
            break;
        case 4:
            out.fixed(in.fixed(what / 8));
            break;
        case 5:
            out.fixed(in.array<32>());
            break;
        case 6: {
            const byte_view read = in.var(what);
            require(read.size() <= what, "a length is within its cap");
            out.var(read);
            break;
        }
        default: {
            const std::size_t count = in.count(what, 2);
            require(count <= what && count <= before / 2, "a count is within its caps");
            out.u32(static_cast<std::uint32_t>(count));
        }
        }
        invertible = invertible && in.ok();
    }
    const auto end = in.finish();
    if (!accepted(end)) return false;
    require(invertible && equal(out.view(), content), "what is read is written back the same");
    return true;
}

bool parse_points(byte_view data) {
    const std::size_t count = data.size() / 32;
    std::vector<group::point> points(count);
    const std::size_t good = group::parse_all(data.first(32 * count), points);
    for (std::size_t i = 0; i < count && i <= good; ++i) {
        const auto alone = group::point::parse(data.subspan(32 * i, 32));
        require(alone.has_value() == (i < good), "a batch of points is refused where a single one is");
        if (i < good) require(*alone == points[i], "a batch of points has the values of single ones");
    }
    return good == count && data.size() == 32 * count && count > 0;
}

bool make_layout(byte_view data) {
    wire::reader in(data);
    encoding::layout_parameters p;
    for (std::uint32_t* value : {&p.nbits, &p.b, &p.m, &p.wmax, &p.d, &p.C, &p.flags, &p.a, &p.md})
        *value = in.u32();
    p.B2 = in.array<32>();
    if (!in.finish()) return false;
    const auto layout = encoding::matrix_layout::create(p);
    if (!accepted(layout)) return false;
    require(layout->parameters() == p, "a layout holds its parameters");
    require(layout->rows() <= encoding::largest_rows && layout->columns() <= encoding::largest_columns,
            "a layout is within its caps");
    require(layout->data_rows() * layout->columns() >= layout->values(), "a layout holds all values");
    require(layout->slots() >= 1 && layout->slots() * layout->slot_width() + 2 <= p.nbits,
            "the slots fit into a plaintext");
    std::size_t columns = 0;
    for (std::size_t j = 0; j < layout->blocks(); ++j) columns += layout->block_length(j);
    require(columns == layout->columns(), "the blocks hold all columns");
    if (layout->has_audit()) {
        const auto last = layout->digit_position(layout->data_rows() - 1, layout->digits() - 1);
        require(last.row < layout->rows() && last.column < layout->columns(), "audit digits lie in the rows");
    }
    return true;
}
bytes layout_sample(std::uint32_t flags) {
    wire::writer out;
    const std::uint32_t digits = (flags & encoding::flag_audit) != 0 ? 31 : 0;
    for (const std::uint32_t value : {3072u, 16u, 100u, 1u, 10000u, 558u, flags, 512u, digits})
        out.u32(value);
    byte_array<32> bound{};
    if ((flags & encoding::flag_l2) != 0) bound = encoding::norm_bound_bytes(1u << 30);
    out.fixed(bound);
    return std::move(out).take();
}

const decoder all[] = {
    {"from_hex",
     [](byte_view data) {
         return one_text(data, from_hex(as_text(data)), [](const bytes& b) { return to_hex(b); });
     },
     [] {
         return samples{as_sample("00ff19abcdef"), bytes{}};
     }},
    {"gmp_integer::from_decimal",
     [](byte_view data) {
         if (data.size() > 4096) return false;
         return one_text(data, bigint::from_decimal(as_text(data)),
                         [](const bigint& x) { return x.to_decimal(); });
     },
     [] {
         return samples{as_sample("-1234567890123456789012345678901234567890"), as_sample("0")};
     }},
    {"gmp_integer::from_hex",
     [](byte_view data) {
         return one_text(data, bigint::from_hex(as_text(data)), [](const bigint& x) { return x.to_hex(); });
     },
     [] {
         return samples{as_sample("-123456789abcdef0123456789abcdef"), as_sample("0")};
     }},
    {"gmp_integer::from_bytes",
     [](byte_view data) {
         const bigint read = bigint::from_bytes(data);
         require(!read.is_negative() && read.bit_length() <= 8 * data.size(),
                 "a number has the size of its bytes");
         require(equal(read.to_bytes(data.size()), data), "a number is written back the same");
         return true;
     },
     [] {
         return samples{bytes{0, 0, 1, 2, 3}, bytes{}};
     }},
    {"party_id::parse",
     [](byte_view data) {
         wire::reader in(data);
         const std::uint32_t index = in.u32();
         if (!in.finish()) return false;
         const auto read = party_id::parse(index);
         if (!accepted(read)) return false;
         require(read->index() == index && index >= 1 && index <= 65535, "a party is its index");
         return true;
     },
     [] {
         return samples{bytes{0, 0, 0, 1}, bytes{0, 0, 0xff, 0xff}};
     }},
    {"unframe",
     [](byte_view data) {
         return one_spelling(data, wire::unframe(data, 3, 2, 1000), [](byte_view body) {
             require(body.size() <= 1000, "a frame is within its cap");
             return wire::frame(3, 2, body);
         });
     },
     [] {
         return samples{wire::frame(3, 2, bytes{1, 2, 3}), wire::frame(3, 2, bytes{})};
     }},
    {"wire::reader", read_with,
     [] {
         return samples{
             bytes{8, 0, 1, 2, 3, 36, 5, 6 + 8, 7 + 16,                               // what is read
                   1, 1, 2, 1, 2, 3,  4, 1,     2,      3, 4, 5, 6, 7, 8, 1, 2, 3, 4, // u8 u16 u32 u64 fixed
                   1, 2, 3, 4, 5, 6,  7, 8,     1,      2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5,
                   6, 7, 8, 1, 2, 3,  4, 5,     6,      7, 8, 0, 0, 0, 2, 9, 9, 0, 0, 0, 0}};
     }},
    {"scalar::from_bytes",
     [](byte_view data) {
         return one_spelling(data, group::scalar::from_bytes(data), [](const group::scalar& x) {
             require(x + group::scalar::one() - group::scalar::one() == x, "a scalar is reduced");
             return x.bytes();
         });
     },
     [] {
         const auto largest = (-group::scalar::one()).bytes();
         return samples{bytes(32), bytes(largest.begin(), largest.end())};
     }},
    {"point::parse",
     [](byte_view data) {
         return one_spelling(data, group::point::parse(data), [](const group::point& x) {
             return group::point::from_representative(x.representative()).bytes();
         });
     },
     [] {
         const auto base = group::point::base().bytes();
         return samples{bytes(32), bytes(base.begin(), base.end())};
     }},
    {"group::parse_all", parse_points,
     [] {
         bytes sample;
         for (std::uint64_t i = 1; i <= 11; ++i) {
             const auto encoded = group::point::from_scalar_base(group::scalar::from_u64(i)).bytes();
             sample.insert(sample.end(), encoded.begin(), encoded.end());
         }
         return samples{sample};
     }},
    {"verifying_key::parse",
     [](byte_view data) {
         return one_spelling(data, sign::verifying_key::parse(data),
                             [](const auto& key) { return key.bytes(); });
     },
     [] {
         return samples{bytes(identity().verifying().bytes().begin(), identity().verifying().bytes().end())};
     }},
    {"verifying_key::verify",
     [](byte_view data) {
         if (data.size() < 64) return false;
         sign::signature given{};
         std::copy_n(data.begin(), 64, given.begin());
         const byte_view message = data.subspan(64);
         if (!identity().verifying().verify("label", message, given)) return false;
         require(identity().sign("label", message) == given, "a signature that verifies is the signer's");
         return true;
     },
     [] { return samples{joined(identity().sign("label", as_bytes("message")), as_bytes("message"))}; }},
    {"open_with_passphrase",
     [](byte_view data) {
         if (data.size() >= 17) {
             wire::reader in(data.subspan(1));
             const seal::passphrase_cost cost{in.u64(), in.u64()};
             if (cost.is_valid() && !(cost == seal::passphrase_cost::minimum())) return false;
         }
         const auto plain = seal::open_with_passphrase(passphrase(), data, as_bytes(associated));
         if (!accepted(plain)) return false;
         require(equal(plain->expose(), as_bytes("plaintext")),
                 "a box that opens is the one that was sealed");
         return true;
     },
     [] {
         seeded_random rng(6);
         auto box = seal::seal_with_passphrase(passphrase(), as_bytes("plaintext"), as_bytes(associated),
                                               seal::passphrase_cost::minimum(), rng);
         require_value(box, "sealing");
         return samples{*box};
     }},
    {"open_message",
     [](byte_view data) {
         const auto plain = seal::open_message(identity(), data, as_bytes(associated));
         // Whoever knows the recipient can seal to it: only what it opened to is checked.
         if (!accepted(plain)) return false;
         require(plain->expose().size() + seal::sealed_message_overhead == data.size(),
                 "length of a sealed message");
         require(equal(seal::recipient_of(data), identity().verifying().bytes()),
                 "recipient of a sealed message");
         return true;
     },
     [] {
         seeded_random rng(7);
         return samples{
             seal::seal_message(identity().verifying(), as_bytes("plaintext"), as_bytes(associated), rng)};
     }},
    {"revealed_identity::create",
     [](byte_view data) {
         if (data.size() != 32) return false;
         byte_array<32> seed{};
         std::copy_n(data.begin(), 32, seed.begin());
         const auto revealed = seal::revealed_identity::create(seed, identity().verifying());
         if (!accepted(revealed)) return false;
         require(seed == identity().expose_seed(), "a seed that is accepted is the identity's");
         return true;
     },
     [] { return samples{bytes(identity().expose_seed().begin(), identity().expose_seed().end())}; }},
    {"audit::from_base64",
     [](byte_view data) {
         return one_text(data, audit::from_base64(as_text(data)),
                         [](const bytes& b) { return audit::to_base64(b); });
     },
     [] {
         return samples{as_sample("AAEC/+8="), as_sample("AAE="), as_sample("")};
     }},
    {"audit::from_decimal",
     [](byte_view data) {
         return one_text(data, audit::from_decimal(as_text(data)),
                         [](std::uint64_t x) { return std::to_string(x); });
     },
     [] {
         return samples{as_sample("18446744073709551615"), as_sample("0")};
     }},
    {"take_code_point",
     [](byte_view data) {
         std::string_view text = as_text(data);
         while (!text.empty()) {
             const std::size_t before = text.size();
             const auto point = audit::take_code_point(text);
             if (!point) return false;
             const std::size_t length = *point < 0x80 ? 1 : *point < 0x800 ? 2 : *point < 0x10000 ? 3 : 4;
             require(*point <= 0x10ffff && before - text.size() == length, "UTF-8 is the shortest");
         }
         return true;
     },
     [] { return samples{as_sample("a\xc3\xa9\xe2\x80\x94\xf0\x9f\x94\x92")}; }},
    {"matrix_layout::create", make_layout,
     [] {
         return samples{layout_sample(0), layout_sample(1), layout_sample(2), layout_sample(3)};
     }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
