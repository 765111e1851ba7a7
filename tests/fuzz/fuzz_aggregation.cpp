// Decoders of the protocol's records and messages.
//
//      0  session_header::parse            9  partial_header::parse
//      1  session_end::parse              10  partial_message::parse
//      2  round_header::parse             11  round_result::parse
//      3  roster::parse                   12  opening::parse
//      4  model::parse                    13  opened_set::parse
//      5  contribution_record::parse      14  ceremony::parse
//      6  contribution_message::parse     15  modulus_bits_of_ceremony
//      7  refusal::parse                  16  pending_contribution::confirm
//      8  round_closed::parse             17  enrolment::parse
//     18  enrolment::parse_message        20  key_rotated::parse
//     19  removal::parse                  21  round_abandoned::parse
//     22  followed_log::parse             23  accountant::decode
#include "fuzz/session_world.hpp"

#include <veilsum/aggregation/ceremony.hpp>

#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using namespace veilsum::aggregation;

samples bodies_of_type(record_type type) {
    samples out;
    for (std::size_t suite = 0; suite < 2; ++suite)
        for (const audit::record& entry : session_of(suite).records(type)) {
            out.push_back(entry.body);
            if (type != record_type::round_opened && type != record_type::round_closed) return out;
        }
    return out;
}
template <record_type Type>
samples of_type() {
    return bodies_of_type(Type);
}
const audit::record& contribution() {
    static const audit::record made = session_of(0).records(record_type::contribution)[0];
    return made;
}
contribution_header signed_header() {
    return contribution_record::parse(contribution().body)->header;
}
partial_header answer_header() {
    return partial_header::parse(session_of(0).records(record_type::partial)[0].body).value();
}

// The layout and total weight of the first round.
const encoding::matrix_layout& layout() {
    static const auto made = [] {
        const auto header = round_header::parse(session_of(0).records(record_type::round_opened)[0].body);
        return encoding::matrix_layout::create(header->layout, scheme::modulus_bits).value();
    }();
    return made;
}
constexpr std::uint64_t total_weight = 3; // client 2 does not count
bytes opening_body() {
    const auto result = round_result::parse(session_of(0).records(record_type::round_result)[0].body);
    return session_of(0).body(result->opening);
}

bool read_opening(byte_view data) {
    const auto read = opening::parse(layout(), data, total_weight);
    if (!one_spelling(data, read, [](const opening& o) { return o.serialize(layout()); })) return false;
    require(read->sums.size() == layout().data_rows() * layout().columns() &&
                read->blindings.size() == layout().data_rows(),
            "an opening has the round's shape");
    require(encoding::check_sum_range(read->sums, layout().value_bits(), total_weight).has_value(),
            "opened sums are in their range");
    return true;
}
bool read_ceremony(byte_view data) {
    static const bytes good = session_of(0).parties.ceremony->serialize();
    const auto read = ceremony<scheme>::parse(data);
    if (!one_spelling(data, read)) return false;
    const bool is_good = equal(data, good);
    if (is_good || chosen(data, 16))
        require(read->check().has_value() == is_good, "a ceremony that passes was held");
    return true;
}
bool read_modulus_bits(byte_view data) {
    const auto bits = modulus_bits_of_ceremony(data);
    if (!accepted(bits)) return false;
    if (const auto whole = ceremony<scheme>::parse(data))
        require(*bits == scheme::modulus_bits, "the size of the modulus");
    return true;
}
// What a client does with the receipt that the aggregator sends.
bool confirm(byte_view data) {
    static const pending_contribution pending({signed_header(), {}}, "toy.example/log",
                                              session_of(0).parties.aggregator_key().verifying());
    const auto read = audit::receipt::parse(data);
    if (!accepted(read)) return false;
    const auto confirmed = pending.confirm(*read);
    if (!accepted(confirmed)) return false;
    require(read->record_bytes == contribution().serialize(),
            "a receipt that is accepted is of the contribution");
    return true;
}
bytes receipt_sample() {
    const auto& log = session_of(0).log;
    const auto note = audit::sign_checkpoint({"toy.example/log", log.size(), log.root()}, "toy.example/log",
                                             session_of(0).parties.aggregator_key());
    return audit::issue_receipt(log, contribution().sequence, note).value().serialize();
}

bytes rotation_sample() {
    key_rotated made{{1}, {2}, {{1, {}}, {3, {}}}};
    made.approvals[1].signature.fill(9);
    return made.serialize();
}
privacy::accountant ledger_sample(privacy::mechanism kind) {
    privacy::privacy_terms terms;
    terms.scope.fill(5);
    terms.epsilon_micro = 900 * privacy::micro;
    terms.delta_atto = kind == privacy::mechanism::gaussian ? privacy::atto / 1000 : 0;
    auto book = privacy::accountant::open(terms).value();
    privacy::noise_request noise{kind, *privacy::ratio::of(4000)};
    noise.clients = 5;
    noise.missing = 1;
    noise.dimension = 20;
    const auto plan = privacy::noise_plan::make(noise).value();
    for (const std::uint64_t round : {1U, 2U, 5U}) book.charge(round, plan, 3000).value();
    return book;
}
bool read_ledger(byte_view data) {
    const auto read = privacy::accountant::decode(data);
    if (!accepted(read)) return false;
    require(equal(data, read->encode()), "a ledger has one spelling");
    require(read->spent_micro() <= read->terms().epsilon_micro, "what is spent is within the budget");
    return true;
}

const decoder all[] = {
    {"session_header::parse", [](byte_view data) { return one_spelling(data, session_header::parse(data)); },
     of_type<record_type::session_opened>},
    {"session_end::parse",
     [](byte_view data) {
         const auto read = session_end::parse(data);
         if (!one_spelling(data, read)) return false;
         for (const artifact& file : read->artifacts)
             require(file.name.find('/') == std::string::npos && file.name != "..",
                     "a name stays in its folder");
         return true;
     },
     of_type<record_type::session_closed>},
    {"round_header::parse", [](byte_view data) { return one_spelling(data, round_header::parse(data)); },
     of_type<record_type::round_opened>},
    {"roster::parse",
     [](byte_view data) {
         const auto read = roster::parse(data);
         if (!one_spelling(data, read)) return false;
         for (const roster_entry& entry : read->entries())
             require(read->weight_of(entry.client) == entry.weight && entry.weight > 0,
                     "a client has its weight");
         return true;
     },
     [] { return samples{session_of(0).parties.roster->serialize()}; }},
    {"model::parse", [](byte_view data) { return one_spelling(data, model::parse(data)); },
     [] { return samples{session_of(0).parties.model->serialize()}; }},
    {"contribution_record::parse",
     [](byte_view data) { return one_spelling(data, contribution_record::parse(data)); },
     of_type<record_type::contribution>},
    {"contribution_message::parse",
     [](byte_view data) { return one_spelling(data, contribution_message::parse(data, 100)); },
     [] {
         return samples{contribution_message{signed_header(), bytes(100, 7)}.serialize()};
     }},
    {"refusal::parse", [](byte_view data) { return one_spelling(data, refusal::parse(data)); },
     of_type<record_type::refusal>},
    {"round_closed::parse", [](byte_view data) { return one_spelling(data, round_closed::parse(data)); },
     of_type<record_type::round_closed>},
    {"partial_header::parse", [](byte_view data) { return one_spelling(data, partial_header::parse(data)); },
     of_type<record_type::partial>},
    {"partial_message::parse",
     [](byte_view data) { return one_spelling(data, partial_message::parse(data, 100)); },
     [] {
         return samples{partial_message{answer_header(), bytes(100, 7)}.serialize()};
     }},
    {"round_result::parse", [](byte_view data) { return one_spelling(data, round_result::parse(data)); },
     of_type<record_type::round_result>},
    {"opening::parse", read_opening, [] { return samples{opening_body()}; }},
    {"opened_set::parse",
     [](byte_view data) {
         const auto read = opened_set::parse(data);
         if (!one_spelling(data, read)) return false;
         require(difference(*read, *read) == 0, "a set does not differ from itself");
         return true;
     },
     [] {
         opened_set set{7, 2, {1}, {2}, {3}, {}};
         set.members[{1}] = 4;
         set.members[{2}] = 5;
         return samples{set.serialize()};
     }},
    {"ceremony::parse", read_ceremony, [] { return samples{session_of(0).parties.ceremony->serialize()}; }},
    {"modulus_bits_of_ceremony", read_modulus_bits,
     [] {
         bytes front = session_of(0).parties.ceremony->serialize();
         return samples{front};
     }},
    {"pending_contribution::confirm", confirm, [] { return samples{receipt_sample()}; }},
    {"enrolment::parse", [](byte_view data) { return one_spelling(data, enrolment::parse(data)); },
     of_type<record_type::enrolment>},
    {"enrolment::parse_message",
     [](byte_view data) {
         const auto read = enrolment::parse_message(data);
         if (!accepted(read)) return false;
         require(equal(data, read->message()), "a message has one spelling");
         return true;
     },
     [] {
         return samples{enrolment{{1}, 2, 3, {}}.message()};
     }},
    {"removal::parse", [](byte_view data) { return one_spelling(data, removal::parse(data)); },
     of_type<record_type::removal>},
    {"key_rotated::parse", [](byte_view data) { return one_spelling(data, key_rotated::parse(data)); },
     [] { return samples{rotation_sample()}; }},
    {"round_abandoned::parse",
     [](byte_view data) { return one_spelling(data, round_abandoned::parse(data)); },
     of_type<record_type::round_abandoned>},
    {"followed_log::parse", [](byte_view data) { return one_spelling(data, followed_log::parse(data)); },
     [] {
         return samples{followed_log{{1}, 2, {3}}.serialize()};
     }},
    {"accountant::decode", read_ledger,
     [] {
         return samples{ledger_sample(privacy::mechanism::gaussian).encode(),
                        ledger_sample(privacy::mechanism::laplace).encode()};
     }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
