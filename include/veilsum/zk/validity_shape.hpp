// Where the fields of a validity submission stand: sixteen fields, no separators, all lengths from the
// layout.
//
//      1  rows    P  K                C_0 .. C_{K-1}                row commitments of the values
//      2  aud     P  Ka               C_K .. C_{Kt-1}               of the audit rows
//      3  planes  P  Kt (b-1)         B_{i,k}                       bit planes, i outer, k = 1 .. b-1 inner
//      4  slack   P  L                B_s                           with L2
//      5  cts     N  Kt J             c_{i,j}                       ciphertexts, i outer
//      6  Y       P  1                                              announcements of the link
//      7  A       N  J
//      8  Py      P  A                                              with AUDIT
//      9  z       Z  C                                              responses of the link
//     10  zr      S  1
//     11  zeta    E  J
//     12  P       P  nu                                             round polynomials of the sumcheck
//     13  V       P  2 + 3 L + A      V_b V_b2 [V_x V_x2 V_s] [V_d]  evaluations
//     14  T       P  nu + 4 + 4 L + 2 A                             announcements of the final relation
//     15  tt      S  2
//     16  resp    S  4 nu + 6 + C + 7 L + 4 A                       its responses
//
//     kind   bytes   encoding
//     P       32     ristretto255 element (RFC 9496), not the identity
//     S       32     scalar below l, little-endian
//     N      ctlen   integer in (0, n^2), a unit, big-endian
//     Z       32     signed integer, two's complement, big-endian, in the window of z
//     E      zlen    unsigned integer, big-endian, in the window of zeta
//
// L, A: 1 with L2, AUDIT, else 0.   spec: validity proofs, sections 5 and 12
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/encoding/matrix_layout.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace veilsum::zk {

// The fields of a submission by name, in their order; what each holds is drawn in the description of the
// file.
enum class validity_field : std::uint8_t {
    rows,   // commitments to the rows of values
    aud,    // commitments to the audit rows
    planes, // commitments to bit planes
    slack,  // commitment to the slack, with L2
    cts,    // ciphertexts
    Y,      // announcement of the link, group
    A,      // announcements of the link, Paillier
    Py,     // announcement of the link, digits, with AUDIT
    z,      // responses of the link, values
    zr,     // response of the link, blindings
    zeta,   // responses of the link, exponents
    P,      // round polynomials
    V,      // evaluations
    T,      // announcements of the final relation, group
    tt,     // announcements of the final relation, scalars
    resp    // responses of the final relation
};
inline constexpr std::size_t validity_fields = 16; // how many fields

// How the entries of a field are encoded.
enum class field_kind : char {
    element = 'P',        // ristretto255, 32 bytes
    scalar = 'S',         // below l, 32 bytes, little-endian
    residue = 'N',        // a unit below n^2, big-endian
    signed_integer = 'Z', // 32 bytes, two's complement, big-endian
    exponent = 'E'        // unsigned, big-endian
};

// Where a field stands.
struct field_place {
    std::string_view name; // as in places of errors
    field_kind kind;       // of each entry
    std::size_t count;     // entries; 0 if the layout has no such field
    std::size_t width;     // bytes of one
    std::size_t offset;    // of the first entry, in bytes from the beginning

    std::size_t size() const { return count * width; } // bytes of all
};

class validity_shape {
  public:
    explicit validity_shape(const encoding::matrix_layout& layout) {
        const std::size_t L = layout.has_l2() ? 1 : 0, A = layout.has_audit() ? 1 : 0;
        const std::size_t C = layout.columns(), J = layout.blocks(), nu = layout.variables();
        const std::size_t Kt = layout.rows(), b = layout.value_bits();
        const std::size_t ctlen = layout.ciphertext_bytes(), zlen = layout.exponent_response_bytes();
        using kind = field_kind;
        fields_ = {{{"rows", kind::element, layout.data_rows(), 32, 0},
                    {"aud", kind::element, layout.audit_rows(), 32, 0},
                    {"planes", kind::element, Kt * (b - 1), 32, 0},
                    {"slack", kind::element, L, 32, 0},
                    {"cts", kind::residue, Kt * J, ctlen, 0},
                    {"Y", kind::element, 1, 32, 0},
                    {"A", kind::residue, J, ctlen, 0},
                    {"Py", kind::element, A, 32, 0},
                    {"z", kind::signed_integer, C, 32, 0},
                    {"zr", kind::scalar, 1, 32, 0},
                    {"zeta", kind::exponent, J, zlen, 0},
                    {"P", kind::element, nu, 32, 0},
                    {"V", kind::element, 2 + 3 * L + A, 32, 0},
                    {"T", kind::element, nu + 4 + 4 * L + 2 * A, 32, 0},
                    {"tt", kind::scalar, 2, 32, 0},
                    {"resp", kind::scalar, 4 * nu + 6 + C + 7 * L + 4 * A, 32, 0}}};
        for (field_place& field : fields_) {
            field.offset = total_;
            total_ += field.size();
        }
    }

    std::size_t total() const { return total_; } // bytes of a submission
    const field_place& operator[](validity_field field) const {
        return fields_[static_cast<std::size_t>(field)];
    }
    const std::array<field_place, validity_fields>& fields() const { return fields_; } // in their order

    // Of a submission of total() bytes.
    byte_view view(byte_view submission, validity_field field) const {
        expects(submission.size() == total_);
        const field_place& place = (*this)[field];
        return submission.subspan(place.offset, place.size());
    }
    // Entry number `index` of the field, in a submission of total() bytes.
    byte_view element(byte_view submission, validity_field field, std::size_t index) const {
        const field_place& place = (*this)[field];
        expects(index < place.count);
        return view(submission, field).subspan(index * place.width, place.width);
    }

  private:
    std::array<field_place, validity_fields> fields_{};
    std::size_t total_ = 0;
};

// "planes 17"
inline std::string place_of(const field_place& field, std::size_t index) {
    return std::string(field.name) + " " + std::to_string(index);
}

} // namespace veilsum::zk
