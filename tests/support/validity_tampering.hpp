// Submissions whose bytes were altered after they were made, with the check that must refuse them.
//
//     tampered_encodings(world)      lengths, and every illegal encoding of the last element of each field
//     replaced_elements(world)       each element of each field, replaced by another legal one
//
// Same form as the cheats of validity_cheats.hpp, and as quick to make as a copy.
// spec: validity proofs, section 14.3
#pragma once

#include "support/naive_world.hpp"
#include "support/validity_cheats.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

inline bytes with_element(const bytes& submission, const submission_field& field, std::size_t element,
                          byte_view replacement) {
    expects(replacement.size() == field.element_size);
    bytes out = submission;
    std::copy(replacement.begin(), replacement.end(), element_bytes(out, field, element).begin());
    return out;
}
inline std::string element_name(const submission_field& field, std::size_t element) {
    return std::string(field.name) + "[" + std::to_string(element) + "]";
}
// Little-endian, as field elements and scalars are.
inline bytes reversed(bytes data) {
    std::reverse(data.begin(), data.end());
    return data;
}

class tampering {
  public:
    explicit tampering(const naive_world& world) : world_(world) {}

    void add(const std::string& name, unsigned reason, const std::string& where, bytes submission) {
        table_.add(name, reason, where,
                   [submission = std::move(submission)](const naive_world&) { return submission; });
    }
    void add_element(const std::string& name, unsigned reason, const std::string& where,
                     const submission_field& field, std::size_t element, byte_view replacement) {
        add(element_name(field, element) + ": " + name, reason, where,
            with_element(world_.honest, field, element, replacement));
    }
    // Refused before anything is computed with it.
    void add_illegal(const std::string& name, unsigned reason, const submission_field& field,
                     std::size_t element, byte_view replacement) {
        add_element(name, reason, element_name(field, element), field, element, replacement);
    }
    bigint honest_integer(const submission_field& field, std::size_t element, bool little_endian) const {
        const byte_view view = element_bytes(world_.honest, field, element);
        const bytes data(view.begin(), view.end());
        return bigint::from_bytes(little_endian ? reversed(data) : data);
    }
    std::vector<validity_cheat> take() { return table_.take(); }

  private:
    const naive_world& world_;
    cheat_table table_;
};

inline void add_illegal_point(tampering& out, const submission_field& field, std::size_t element) {
    const bigint p = (bigint(1) << 255) - 19;
    const bigint encoded = out.honest_integer(field, element, true);
    out.add_illegal("no field element", 3, field, element, bytes(32, 0xff));
    out.add_illegal("negative encoding", 3, field, element, reversed((p - encoded).to_bytes(32)));
    out.add_illegal("top bit set", 3, field, element, reversed((encoded + (bigint(1) << 255)).to_bytes(32)));
    out.add_illegal("identity", 3, field, element, bytes(32, 0));
}
inline void add_illegal_residue(tampering& out, const naive_world& world, const submission_field& field,
                                std::size_t element) {
    const auto encode = [&](const bigint& value) { return value.to_bytes(field.element_size); };
    const bigint n_squared = world.key.n_squared();
    out.add_illegal("zero", 5, field, element, encode(0));
    out.add_illegal("n^2", 5, field, element, encode(n_squared));
    for (const bigint& factor : {world.p, world.q, world.key.n})
        out.add_element("multiple of a factor of n", 5, "units", field, element, encode(factor * 12345));
    // Which elements have room for it is chance; about two of three under the toy key.
    for (std::size_t other = 0; other < field.count; ++other) {
        const bigint alias = out.honest_integer(field, other, false) + n_squared;
        if (alias.bit_length() > 8 * field.element_size) continue;
        out.add_illegal("plus n^2", 5, field, other, encode(alias));
        break;
    }
}
inline void add_illegal_response(tampering& out, unsigned reason, const submission_field& field,
                                 std::size_t element, const naive_window& window) {
    for (const bigint& outside : {window.least - 1, window.largest + 1})
        if (outside.bit_length() <= 8 * field.element_size)
            out.add_illegal("outside its window", reason, field, element,
                            cut_bytes(outside, field.element_size));
}

inline std::vector<validity_cheat> tampered_encodings(const naive_world& world) {
    tampering out(world);
    bytes shorter = world.honest, longer = world.honest;
    shorter.pop_back();
    longer.push_back(0);
    out.add("one byte short", 2, "length", std::move(shorter));
    out.add("one byte long", 2, "length", std::move(longer));
    out.add("empty", 2, "length", {});
    for (const submission_field& field : submission_fields(world.layout)) {
        if (field.count == 0) continue;
        const std::size_t last = field.count - 1;
        switch (field.kind) {
        case element_kind::point:
            add_illegal_point(out, field, last);
            break;
        case element_kind::scalar: {
            const bigint alias = out.honest_integer(field, last, true) + group_order();
            out.add_illegal("plus l", 4, field, last, reversed(alias.to_bytes(32)));
            out.add_illegal("l", 4, field, last, reversed(group_order().to_bytes(32)));
            break;
        }
        case element_kind::residue:
            add_illegal_residue(out, world, field, last);
            break;
        case element_kind::response:
            add_illegal_response(out, 6, field, last, value_window(world.layout));
            break;
        case element_kind::exponent:
            add_illegal_response(out, 7, field, last, exponent_window(world.layout));
            break;
        }
    }
    return out.take();
}

// Another legal value, near the honest one.
inline bytes another_element(const naive_world& world, const submission_field& field, std::size_t element) {
    const byte_view honest = element_bytes(world.honest, field, element);
    const auto moved_within = [&](bigint value, const naive_window& window) {
        value += window.contains(value + 1) ? 1 : -1;
        return cut_bytes(value, field.element_size);
    };
    switch (field.kind) {
    case element_kind::point: {
        const auto moved = naive_point::parse(honest).value() + naive_generators::generator("G", 0);
        return {moved.bytes().begin(), moved.bytes().end()};
    }
    case element_kind::scalar: {
        return encode_element(scalar::from_bytes(honest).value() + scalar::one(), field);
    }
    case element_kind::residue:
        return (bigint::from_bytes(honest) * (1 + world.key.n) % world.key.n_squared())
            .to_bytes(field.element_size);
    case element_kind::response: {
        bigint value = bigint::from_bytes(honest);
        if (value.bit(255)) value -= bigint(1) << 256;
        return moved_within(value, value_window(world.layout));
    }
    case element_kind::exponent:
        return moved_within(bigint::from_bytes(honest), exponent_window(world.layout));
    }
    return {};
}

// A change before the announcements of the final relation moves r, and with it E1. Later ones move theta and
// eps, which the scalar equations notice only with an option; a response is noticed by the equations that it
// is in.
inline std::vector<validity_cheat> replaced_elements(const naive_world& world) {
    tampering out(world);
    const auto fields = submission_fields(world.layout);
    const bool options = world.layout.has_l2() || world.layout.has_audit();
    const naive_verdict verdict = world.verify(world.honest);
    expects(verdict.accepted());
    const naive_publics publics(world.layout, verdict.challenges);
    const scalars E1 = equation_e1(world.layout, publics, verdict.challenges.theta).k;
    const scalars E2 = equation_e2(world.layout, publics, verdict.challenges, scalar::zero()).k;
    for (std::size_t number = 1; number <= fields.size(); ++number) {
        const submission_field& field = fields[number - 1];
        for (std::size_t element = 0; element < field.count; ++element) {
            unsigned reason = 8;
            std::string where;
            if ((number == 13 || number == 14) && !options) reason = 10;
            if (number == 15) where = element == 0 ? "E1" : "E2";
            if (number == 16) {
                where = !E1[element].is_zero() ? "E1" : !E2[element].is_zero() ? "E2" : "";
                if (where.empty()) reason = 10;
            }
            out.add_element("replaced", reason, where, field, element,
                            another_element(world, field, element));
        }
    }
    return out.take();
}

} // namespace veilsum::test
