// The checks of a submission one by one, in the order of the specification and none of them folded.
//
//     naive_verdict verdict = naive_verify(layout, key, after_context, submission);
//     verdict.reason      0: accepted; 2 to 11: number of the first check that failed
//     verdict.where       "E2", "V_b2 = v_b V_b", "block 1", ...
//
// Reason 1 is about the parameters and the key, which whoever makes `layout` and `after_context` has checked.
// spec: validity proofs, section 9.1
#pragma once

#include "support/naive_field.hpp"
#include "support/naive_prover.hpp"
#include "support/naive_relation.hpp"
#include "support/naive_submission.hpp"
#include "support/naive_transcript.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace veilsum::test {

struct naive_verdict {
    unsigned reason = 0;
    std::string where;
    std::vector<naive_transcript_step> steps; // of the transcript, if it was reached
    naive_challenges challenges;

    bool accepted() const { return reason == 0; }
    friend std::ostream& operator<<(std::ostream& out, const naive_verdict& verdict) {
        return out << "[" << verdict.reason << "] " << verdict.where;
    }
};

class naive_verifier {
  public:
    naive_verifier(const encoding::matrix_layout& layout, const naive_key& key,
                   const transcript::transcript& after_context, std::string_view omitted)
        : layout_(layout), key_(key), tr_(after_context, omitted) {}

    naive_verdict verify(byte_view submission) {
        naive_verdict verdict;
        verdict.reason = first_failure(submission);
        verdict.where = verdict.reason == 0 ? "" : where_;
        verdict.steps = tr_.steps();
        verdict.challenges = ch_;
        return verdict;
    }

  private:
    unsigned first_failure(byte_view submission) {
        where_ = "length";
        const auto fields = submission_fields(layout_);
        if (submission.size() != fields.back().end()) return 2;
        if (!parse<naive_point>(submission)) return 3;
        if (!parse<scalar>(submission)) return 4;
        parse<bigint>(submission);
        if (!residues_are_units()) return 5;
        if (!all_within(sent_.z, value_window(layout_), "z")) return 6;
        if (!all_within(sent_.zeta, exponent_window(layout_), "zeta")) return 7;
        run_transcript();
        if (!scalar_equations_hold()) return 8;
        if (!rows_are_linked()) return 9;
        if (!group_equations_hold()) return 10;
        if (!ciphertexts_are_linked()) return 11;
        return 0;
    }

    // All fields whose elements are of type Element, in order.
    template <class Element>
    bool parse(byte_view submission) {
        const auto fields = submission_fields(layout_);
        bool good = true;
        naive_submission::for_each(sent_, [&]<class T>(std::size_t number, std::vector<T>& elements) {
            if constexpr (std::is_same_v<T, Element>) {
                const submission_field& field = fields[number - 1];
                for (std::size_t i = 0; good && i < field.count; ++i) {
                    where_ = std::string(field.name) + "[" + std::to_string(i) + "]";
                    good = parse_element(submission.subspan(field.position(i), field.element_size),
                                         field.kind, elements.emplace_back());
                }
            }
        });
        return good;
    }
    static bool parse_element(byte_view data, element_kind, naive_point& out) {
        const auto parsed = naive_point::parse(data);
        if (!parsed || parsed->is_identity()) return false;
        out = *parsed;
        return true;
    }
    static bool parse_element(byte_view data, element_kind, scalar& out) {
        const auto parsed = scalar::from_bytes(data);
        if (!parsed) return false;
        out = *parsed;
        return true;
    }
    static bool parse_element(byte_view data, element_kind kind, bigint& out) {
        out = bigint::from_bytes(data);
        if (kind == element_kind::response && (data.front() & 0x80) != 0) out -= bigint(1) << 256;
        return true;
    }

    bool residues_are_units() {
        const bigint n_squared = key_.n_squared();
        bigint product = 1;
        const auto in_range = [&](const integers& field, const std::string& name) {
            for (std::size_t i = 0; i < field.size(); ++i) {
                where_ = name + "[" + std::to_string(i) + "]";
                if (field[i] <= 0 || field[i] >= n_squared) return false;
                product = product * field[i] % key_.n;
            }
            return true;
        };
        if (!in_range(sent_.cts, "cts") || !in_range(sent_.A, "A")) return false;
        where_ = "units";
        return gcd(product, key_.n) == 1;
    }
    bool all_within(const integers& responses, const naive_window& window, const std::string& name) {
        for (std::size_t i = 0; i < responses.size(); ++i) {
            where_ = name + "[" + std::to_string(i) + "]";
            if (!window.contains(responses[i])) return false;
        }
        return true;
    }

    void run_transcript() { // 6.2
        const auto fields = submission_fields(layout_);
        const auto absorb = [&](std::string_view label, std::size_t number, const auto& field) {
            tr_.absorb(label, encode_field(field, fields[number - 1]));
        };
        tr_.absorb("rows", naive_row_digest(sent_.rows));
        absorb("aud", 2, sent_.aud);
        absorb("planes", 3, sent_.planes);
        absorb("slack", 4, sent_.slack);
        absorb("cts", 5, sent_.cts);
        absorb("link.Y", 6, sent_.Y);
        absorb("link.A", 7, sent_.A);
        absorb("link.P", 8, sent_.Py);
        ch_.e = tr_.challenge_integers("link.e", layout_.rows());
        absorb("link.z", 9, sent_.z);
        absorb("link.zr", 10, sent_.zr);
        absorb("link.zeta", 11, sent_.zeta);
        ch_.tau = tr_.challenge_scalars("sc.tau", layout_.variables());
        ch_.gamma = tr_.challenge_scalar("sc.gamma");
        for (const naive_point& P : sent_.P) {
            tr_.absorb("sc.P", P.bytes());
            ch_.r.push_back(tr_.challenge_scalar("sc.r"));
        }
        absorb("fin.V", 13, sent_.V);
        ch_.theta = tr_.challenge_scalar("fin.theta");
        absorb("fin.T", 14, sent_.T);
        absorb("fin.t", 15, sent_.tt);
        ch_.eps = tr_.challenge_scalar("fin.e");
    }

    bool scalar_equations_hold() {
        const naive_publics publics(layout_, ch_);
        const auto holds = [&](const scalar_equation& equation, const scalar& announced) {
            return inner_product(sent_.resp, equation.k) == announced + ch_.eps * equation.c;
        };
        where_ = "E1";
        if (!holds(equation_e1(layout_, publics, ch_.theta), sent_.tt[0])) return false;
        where_ = "E2";
        return holds(equation_e2(layout_, publics, ch_, sent_.zr.front()), sent_.tt[1]);
    }
    bool rows_are_linked() {
        where_ = "link";
        naive_point left = sent_.Y.front(), right = sent_.zr.front() * generators_.H;
        for (std::size_t i = 0; i < layout_.rows(); ++i)
            left += to_scalar(ch_.e[i]) *
                    (i < layout_.data_rows() ? sent_.rows[i] : sent_.aud[i - layout_.data_rows()]);
        for (std::size_t c = 0; c < layout_.columns(); ++c) right += to_scalar(sent_.z[c]) * generators_.G[c];
        return left == right;
    }
    bool group_equations_hold() {
        const auto equations =
            group_equations(layout_, generators_, naive_publics(layout_, ch_), ch_.theta, sent_);
        for (std::size_t a = 0; a < equations.size(); ++a) {
            where_ = equations[a].name;
            if (equations[a].left_side(sent_.resp) != sent_.T[a] + ch_.eps * equations[a].right) return false;
        }
        return true;
    }
    bool ciphertexts_are_linked() {
        const bigint n_squared = key_.n_squared();
        for (std::size_t j = 0; j < layout_.blocks(); ++j) {
            where_ = "block " + std::to_string(j);
            bigint left = sent_.A[j];
            for (std::size_t i = 0; i < layout_.rows(); ++i)
                left = left * power_vartime(sent_.cts[i * layout_.blocks() + j], ch_.e[i], n_squared) %
                       n_squared;
            const bigint right = key_.encrypt(naive_pack(layout_, sent_.z, j), sent_.zeta[j]);
            if (left != right && left != key_.negated(right)) return false;
        }
        return true;
    }

    const encoding::matrix_layout& layout_;
    const naive_key& key_;
    naive_transcript tr_;
    naive_generators generators_{layout_.columns()};
    naive_challenges ch_;
    naive_submission sent_;
    std::string where_;
};

// `omitted`: a label that this verifier forgets to absorb.
inline naive_verdict naive_verify(const encoding::matrix_layout& layout, const naive_key& key,
                                  const transcript::transcript& after_context, byte_view submission,
                                  std::string_view omitted = {}) {
    return naive_verifier(layout, key, after_context, omitted).verify(submission);
}

} // namespace veilsum::test
