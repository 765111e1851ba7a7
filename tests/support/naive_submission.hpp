// A submission as 16 typed fields, and where each of them lies in the bytes.
//
// spec: validity proofs, section 5. Encoding trusts its input as little as cheating needs: integers of the
// wrong size are cut, so that a response outside its window can be sent.
#pragma once

#include "support/naive_field.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/encoding/matrix_layout.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace veilsum::test {

enum class element_kind { point, scalar, residue, response, exponent }; // P S N Z E

struct submission_field {
    std::string_view name;
    element_kind kind;
    std::size_t count;        // elements
    std::size_t element_size; // bytes
    std::size_t offset;       // bytes

    std::size_t position(std::size_t element) const { return offset + element * element_size; }
    std::size_t end() const { return position(count); }
};

// Field number f of the specification, 1 to 16, is entry f - 1.
inline std::array<submission_field, 16> submission_fields(const encoding::matrix_layout& layout) {
    const std::size_t K = layout.data_rows(), Ka = layout.audit_rows(), Kt = layout.rows();
    const std::size_t J = layout.blocks(), C = layout.columns(), b = layout.value_bits();
    const std::size_t nu = layout.variables();
    const std::size_t L2 = layout.has_l2() ? 1 : 0, AUDIT = layout.has_audit() ? 1 : 0;
    const std::size_t ctlen = layout.ciphertext_bytes(), zlen = layout.exponent_response_bytes();
    using enum element_kind;
    std::array<submission_field, 16> fields = {{
        {"rows", point, K, 32, 0},
        {"aud", point, Ka, 32, 0},
        {"planes", point, Kt * (b - 1), 32, 0},
        {"slack", point, L2, 32, 0},
        {"cts", residue, Kt * J, ctlen, 0},
        {"Y", point, 1, 32, 0},
        {"A", residue, J, ctlen, 0},
        {"Py", point, AUDIT, 32, 0},
        {"z", response, C, 32, 0},
        {"zr", scalar, 1, 32, 0},
        {"zeta", exponent, J, zlen, 0},
        {"P", point, nu, 32, 0},
        {"V", point, 2 + 3 * L2 + AUDIT, 32, 0},
        {"T", point, nu + 4 + 4 * L2 + 2 * AUDIT, 32, 0},
        {"tt", scalar, 2, 32, 0},
        {"resp", scalar, 4 * nu + 6 + C + 7 * L2 + 4 * AUDIT, 32, 0},
    }};
    for (std::size_t f = 1; f < fields.size(); ++f) fields[f].offset = fields[f - 1].end();
    return fields;
}

using integers = std::vector<bigint>;

struct naive_submission {
    points rows, aud, planes, slack;
    integers cts;
    points Y;
    integers A;
    points Py;
    integers z;
    scalars zr;
    integers zeta;
    points P, V, T;
    scalars tt, resp;

    // f(number, field) for all of them, in order.
    template <class Self, class Function>
    static void for_each(Self& self, const Function& f) {
        f(1, self.rows), f(2, self.aud), f(3, self.planes), f(4, self.slack), f(5, self.cts), f(6, self.Y);
        f(7, self.A), f(8, self.Py), f(9, self.z), f(10, self.zr), f(11, self.zeta), f(12, self.P);
        f(13, self.V), f(14, self.T), f(15, self.tt), f(16, self.resp);
    }
};

// The lowest `length` bytes of the number, two's complement if it is negative.
inline bytes cut_bytes(const bigint& value, std::size_t length) {
    return (value % (bigint(1) << (8 * length))).to_bytes(length);
}
inline bytes encode_element(const naive_point& p, const submission_field&) {
    const byte_array<32> encoded = p.bytes();
    return {encoded.begin(), encoded.end()};
}
inline bytes encode_element(const scalar& x, const submission_field&) {
    const byte_array<32> encoded = x.bytes();
    return {encoded.begin(), encoded.end()};
}
inline bytes encode_element(const bigint& value, const submission_field& field) {
    return cut_bytes(value, field.element_size);
}
template <class Element>
bytes encode_field(const std::vector<Element>& elements, const submission_field& field) {
    expects(elements.size() == field.count);
    bytes out;
    for (const Element& element : elements) {
        const bytes one = encode_element(element, field);
        out.insert(out.end(), one.begin(), one.end());
    }
    return out;
}
inline bytes encode_submission(const encoding::matrix_layout& layout, const naive_submission& submission) {
    const auto fields = submission_fields(layout);
    bytes out;
    naive_submission::for_each(submission, [&](std::size_t number, const auto& elements) {
        const bytes one = encode_field(elements, fields[number - 1]);
        out.insert(out.end(), one.begin(), one.end());
    });
    return out;
}

// One element of a submission's bytes.
inline std::span<std::uint8_t> element_bytes(bytes& submission, const submission_field& field,
                                             std::size_t element) {
    expects(element < field.count);
    return std::span(submission).subspan(field.position(element), field.element_size);
}
inline byte_view element_bytes(const bytes& submission, const submission_field& field, std::size_t element) {
    expects(element < field.count);
    return byte_view(submission).subspan(field.position(element), field.element_size);
}

} // namespace veilsum::test
