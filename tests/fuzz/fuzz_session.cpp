// Whoever follows a session, given records and bodies by somebody who holds all the keys that the sender of
// such a record may have: an aggregator signs and chains what it likes, a client and a trustee sign theirs.
//
//      0  session_state::apply, light_session::apply: any record after any number of honest ones
//      1  open_session: the first record                 5  check_partial: the body of an answer
//      2  open_session: the ceremony                     6  opening::parse: the body of a result
//      3  check_round_opened: round, ledger and model    7  audit_session: the checkpoint
//      4  contribution_checker::check: the body of a     8  contribution_message::parse: what the aggregator
//      is
//         contribution                                      sent
//
// Inputs of 0 and 3 to 6 begin with the number of a session (its proof suite) and what stands at `parts`
// below. Holds: what is accepted leads to no other model than the honest records do, and what a full check
// accepts a light one does.
#include "fuzz/session_world.hpp"

#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/aggregation/light_session.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using namespace veilsum::aggregation;
using state = session_state<scheme>;
using light = light_session<scheme>;

// The states before each record of a session; [0] is not used.
template <class Fold>
const std::vector<Fold>& states(std::size_t session) {
    const auto fold = [](std::size_t number) {
        const session_world& world = session_of(number);
        const body_reader bodies = bodies_of(world.log);
        test::seeded_random rng(1);
        std::vector<Fold> out;
        auto opened = Fold::open(world.record(0), bodies);
        require_value(opened, "an honest session opens");
        out.push_back(*opened);
        for (std::size_t i = 1; i < world.log.size(); ++i) {
            out.push_back(*opened);
            require_value(opened->apply(world.record(i), bodies, rng), "an honest record is accepted");
        }
        return out;
    };
    static const std::vector<std::vector<Fold>> all{fold(0), fold(1)};
    return all[session % 2];
}
audit::record at(const session_world& world, std::size_t index, std::uint16_t type, byte_view body) {
    audit::record out = world.record(index);
    out.type = type;
    out.body.assign(body.begin(), body.end());
    return out;
}

template <class Fold>
void check_model(const session_world& world, const Fold& after) {
    for (const model& each : after.standing().models())
        require(std::count(world.models.begin(), world.models.end(), each.digest()) > 0 ||
                    after.phase() == session_phase::collecting,
                "an accepted record leads to an honest model");
}

// ---- 0: number of the record, type, version, body

bool any_record(byte_view data) {
    parts in(data);
    const std::size_t session = in.octet() % 2;
    const session_world& world = session_of(session);
    const std::size_t index = 1 + in.octet() % (world.log.size() - 1);
    const std::uint16_t type = in.word();
    audit::record next = world.record(index);
    next.version = in.word();
    next.type = type;
    const byte_view body = in.rest();
    next.body.assign(body.begin(), body.end());

    test::seeded_random rng(1);
    const body_reader bodies = bodies_of(world.log);
    state whole = states<state>(session)[index];
    light part = states<light>(session)[index];
    const auto by_whole = whole.apply(next, bodies, rng);
    const auto by_part = part.apply(next, bodies, rng);
    accepted(by_part);
    if (!accepted(by_whole)) return false;
    require_value(by_part, "what is accepted in full is accepted in part");
    check_model(world, whole);
    check_model(world, part);
    require(whole.phase() == part.phase(), "both are in one phase");
    return true;
}
bytes record_sample(std::size_t session, std::size_t index) {
    const audit::record record = session_of(session).record(index);
    bytes out{static_cast<std::uint8_t>(session),
              static_cast<std::uint8_t>(index - 1),
              0,
              static_cast<std::uint8_t>(record.type),
              0,
              1};
    out.insert(out.end(), record.body.begin(), record.body.end());
    return out;
}

// ---- 1 and 2

bool first_record(byte_view body) {
    const session_world& world = session_of(0);
    const auto opened = open_session<scheme>(at(world, 0, 1, body), bodies_of(world.log));
    if (!accepted(opened)) return false;
    require(opened->header.key == world.parties.ceremony->key.id(), "a session is under its ceremony's key");
    return true;
}
bool ceremony_body(byte_view body) {
    const session_world& world = session_of(0);
    session_header header = session_header::parse(world.record(0).body).value();
    const hash::digest32 honest = header.ceremony;
    header.ceremony = hash::sha256(body);
    const auto opened = open_session<scheme>(at(world, 0, 1, header.serialize()),
                                             with_body(header.ceremony, body, bodies_of(world.log)));
    if (!accepted(opened)) return false;
    require(header.ceremony == honest, "a ceremony that passes was held");
    return true;
}

// ---- 3: the record's body, with the digests of the model and, unless it is zeros, of the ledger set; length
// of the ledger; ledger; model

constexpr std::size_t round_bytes = 245;
bool round_body(byte_view data) {
    parts in(data);
    const std::size_t session = in.octet() % 2;
    const session_world& world = session_of(session);
    const auto header = round_header::parse(in.take(round_bytes));
    if (!header) return false;
    round_header changed = *header;
    const byte_view ledger = in.take(in.word()), model_body = in.rest();
    if (changed.has_ledger()) changed.ledger = hash::sha256(ledger);
    changed.model = hash::sha256(model_body);
    const body_reader bodies =
        with_body(changed.ledger, ledger, with_body(changed.model, model_body, bodies_of(world.log)));
    const std::size_t index = world.first_round;
    const audit::record record = at(world, index, 2, changed.serialize());
    const auto opened = states<state>(session)[index].standing().check_round_opened(record, bodies);
    if (!accepted(opened)) return false;
    require(opened->ledger.has_value() == changed.has_ledger(), "a round with a ledger books itself");
    const round_facts& facts = opened->facts;
    require(opened->first->size() == facts.layout().values() &&
                facts.members().total_weight() <= facts.layout().max_weight(),
            "a round is of its model and the pool");
    require(facts.header().minimum_cohort >= 2 && facts.header().minimum_cohort <= facts.members().size(),
            "a round has a cohort");
    // 4096 rows and columns in blocks of one slot are the most.
    const std::size_t length = body_bytes<scheme>(facts, exponent_policy::short_exponent);
    require(length > 32 * facts.layout().rows() && length < std::size_t{1} << 34, "a body has a length");
    return true;
}
// With a budget: as the round would be opened with it.
bytes round_sample(std::size_t session, bool budget) {
    const session_world& world = session_of(session);
    round_header header = round_header::parse(world.record(world.first_round).body).value();
    const bytes first_model = world.body(header.model);
    bytes ledger;
    if (budget) {
        privacy::privacy_terms terms;
        terms.scope = audit::record_hash(world.record(0));
        terms.epsilon_micro = 100 * privacy::micro;
        terms.delta_atto = privacy::atto / 1000;
        auto book = privacy::accountant::open(terms).value();
        header.format.clip_l2 = 1.0;
        const std::uint64_t norm =
            encoding::squared_norm_bound(header.format, header.layout.d, encoding::rounding::nearest);
        privacy::noise_request request{privacy::mechanism::gaussian, *privacy::ratio::of(1)};
        request.clients = static_cast<std::uint32_t>(world.parties.clients.size());
        request.dimension = header.layout.d;
        const auto plan = book.plan_for(request, norm, 4).value();
        book.charge(header.round, plan, norm).value();
        header.layout.B2 = encoding::norm_bound_bytes(plan.noised_norm_bound(norm));
        header.minimum_cohort = plan.smallest_cohort();
        ledger = book.encode();
        header.ledger = hash::sha256(ledger);
    }
    bytes out{static_cast<std::uint8_t>(session)};
    const bytes body = header.serialize();
    out.insert(out.end(), body.begin(), body.end());
    out.push_back(static_cast<std::uint8_t>(ledger.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(ledger.size()));
    out.insert(out.end(), ledger.begin(), ledger.end());
    out.insert(out.end(), first_model.begin(), first_model.end());
    return out;
}

// ---- 4: the body that client 0 sends in the first round

// Where the first contribution of a session is.
std::size_t contribution_at(const session_world& world) {
    return world.first_round + 1;
}
bytes contribution_body(const session_world& world) {
    return world.body(contribution_record::parse(world.record(contribution_at(world)).body)->header.body);
}
bool contribution(byte_view data) {
    parts in(data);
    const std::size_t session = in.octet() % 2;
    const session_world& world = session_of(session);
    const byte_view body = in.rest();
    const state& before = states<state>(session)[contribution_at(world)];
    auto record = contribution_record::parse(world.record(contribution_at(world)).body).value();
    const std::size_t rows = 32 * before.round().layout().data_rows();
    record.header.body = hash::sha256(body);
    if (body.size() >= rows) record.header.rows = pedersen::row_digest(body.first(rows));
    record.header.signature =
        world.client_key(0).sign(contribution_label, record.header.signed_message(before.round()));
    const audit::record next = at(world, contribution_at(world), 3, record.serialize());
    test::seeded_random rng(1);
    const auto happened = before.check(next, with_body(record.header.body, body, bodies_of(world.log)), rng);
    if (!accepted(happened)) return false;
    require(equal(body, contribution_body(world)), "a contribution that passes was proved");
    return true;
}

// ---- 5: the body that trustee 1 sends

std::size_t answer_at(const session_world& world) {
    for (std::size_t i = 0;; ++i)
        if (world.record(i).type == static_cast<std::uint16_t>(record_type::partial)) return i;
}
bool answer(byte_view data) {
    parts in(data);
    const std::size_t session = in.octet() % 2;
    const session_world& world = session_of(session);
    const byte_view body = in.rest();
    const std::size_t index = answer_at(world);
    const state& before = states<state>(session)[index];
    auto header = partial_header::parse(world.record(index).body).value();
    const hash::digest32 honest = header.body;
    header.body = hash::sha256(body);
    header.signature = world.trustee_keys[0].sign(
        partial_label, header.signed_message(before.round(), before.aggregate_digest()));
    const body_reader bodies = with_body(header.body, body, bodies_of(world.log));
    test::seeded_random rng(1);
    const auto taken = before.check(at(world, index, 6, header.serialize()), bodies, rng);
    const auto refused = before.check(at(world, index, 7, header.serialize()), bodies, rng);
    require(!(taken && refused), "an answer is not both right and wrong");
    accepted(refused);
    if (!accepted(taken)) return false;
    require(header.body == honest, "an answer that passes was computed");
    return true;
}

// ---- 6: the body of the first result

bool opening_body(byte_view data) {
    parts in(data);
    const std::size_t session = in.octet() % 2;
    const session_world& world = session_of(session);
    const byte_view body = in.rest();
    auto result = round_result::parse(world.record(world.first_result).body).value();
    const hash::digest32 honest = result.opening;
    result.opening = hash::sha256(body);
    const audit::record next = at(world, world.first_result, 8, result.serialize());
    const body_reader bodies = with_body(result.opening, body, bodies_of(world.log));
    test::seeded_random rng(1);
    light part = states<light>(session)[world.first_result];
    if (!accepted(part.apply(next, bodies, rng))) return false;
    require(result.opening == honest, "an opening that passes is the sum");
    return true;
}

// ---- 7

struct with_checkpoint {
    const test::session_store* log;
    std::string note;

    result<audit::record> append(std::uint16_t, std::uint16_t, byte_view) {
        return error{errc::refused, "read only"};
    }
    result<hash::digest32> put_body(byte_view) { return error{errc::refused, "read only"}; }
    result<void> write_checkpoint(std::string_view) { return error{errc::refused, "read only"}; }
    result<bytes> get_body(const hash::digest32& digest, std::size_t most) const {
        return log->get_body(digest, most);
    }
    bool has_body(const hash::digest32& digest) const { return log->has_body(digest); }
    result<std::string> read_checkpoint() const { return note; }
    result<audit::record> read(std::uint64_t index) const { return log->read(index); }
    std::uint64_t size() const { return log->size(); }
    const hash::digest32& head() const { return log->head(); }
    const audit::merkle_tree& tree() const { return log->tree(); }
    hash::digest32 root() const { return log->root(); }
};
std::string checkpoint_note() {
    return session_of(0).log.read_checkpoint().value();
}
bool checkpoint(byte_view data) {
    const with_checkpoint store{&session_of(0).log, std::string(as_text(data))};
    test::seeded_random rng(1);
    const auto verdict = audit_session<scheme, light_session>(store, {}, {}, rng);
    if (!verdict.accepted()) {
        require(!verdict.failure->reason.what.empty(), "a failure has a reason");
        return false;
    }
    require(audit::parse_note(store.note)->text == audit::parse_note(checkpoint_note())->text,
            "a log is accepted with its own checkpoint only");
    require(verdict.summary.models == std::vector{session_of(0).models.back()} &&
                verdict.summary.rounds_opened == 2,
            "an accepted record is the whole one");
    return true;
}

// ---- 8

bool message(byte_view data) {
    const session_world& world = session_of(0);
    const state& before = states<state>(0)[contribution_at(world)];
    const std::size_t length = body_bytes<scheme>(before.round(), before.facts().header.policy);
    const auto read = contribution_message::parse(data, length);
    if (!one_spelling(data, read)) return false;
    const contribution_record record{read->header, test::toy_session::opening_time};
    test::seeded_random rng(1);
    const auto happened = before.check(at(world, contribution_at(world), 3, record.serialize()),
                                       with_body(read->header.body, read->body, bodies_of(world.log)), rng);
    if (accepted(happened))
        require(read->body == contribution_body(world), "a message that is accepted is the client's");
    return true;
}

const decoder all[] = {
    {"session_state::apply, light_session::apply", any_record,
     [] {
         samples out;
         for (std::size_t session = 0; session < 2; ++session)
             for (std::size_t i = 1; i < session_of(session).log.size(); ++i)
                 out.push_back(record_sample(session, i));
         return out;
     }},
    {"open_session: first record", first_record, [] { return samples{session_of(0).record(0).body}; }},
    {"open_session: ceremony", ceremony_body,
     [] { return samples{session_of(0).parties.ceremony->serialize()}; }},
    {"session_register::check_round_opened, accountant::decode_next", round_body,
     [] {
         return samples{round_sample(0, false), round_sample(1, false), round_sample(1, true)};
     }},
    {"contribution_checker::check", contribution,
     [] {
         samples out;
         for (std::size_t session = 0; session < 2; ++session) {
             out.push_back(contribution_body(session_of(session)));
             out.back().insert(out.back().begin(), static_cast<std::uint8_t>(session));
         }
         return out;
     }},
    {"check_partial", answer,
     [] {
         const session_world& world = session_of(0);
         bytes sample = world.body(partial_header::parse(world.record(answer_at(world)).body)->body);
         sample.insert(sample.begin(), 0);
         return samples{sample};
     }},
    {"opening::parse, light_session::apply", opening_body,
     [] {
         const session_world& world = session_of(0);
         bytes sample = world.body(round_result::parse(world.record(world.first_result).body)->opening);
         sample.insert(sample.begin(), 0);
         return samples{sample};
     }},
    {"audit_session: checkpoint", checkpoint, [] { return samples{as_sample(checkpoint_note())}; }},
    {"contribution_message::parse", message,
     [] {
         const session_world& world = session_of(0);
         const auto record = contribution_record::parse(world.record(contribution_at(world)).body);
         return samples{contribution_message{record->header, contribution_body(world)}.serialize()};
     }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
