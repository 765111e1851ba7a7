#include "support/simulated_clients.hpp"

#include "support/simulated_aggregator.hpp"

#include <veilsum/encoding/fixed_point.hpp>

#include <algorithm>

namespace veilsum::test {

simulated_clients::simulated_clients(simulated_world& world)
    : actor(world), clients_(plan_.weights.size()), downtime_(plan_.seed ^ 0x7265737400000000) {
    watch_.on_point = [this](std::size_t who, std::string_view) {
        std::uint32_t& left = clients_[who].points_to_stop;
        if (left != 0 && --left == 0) throw stopped{who};
    };
    for (client_node& node : clients_) {
        node.seed = random::random_bytes<32>(rng_);
        node.key.emplace(key_of_seed(node.seed).verifying());
    }
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        bool honest = true;
        for (const auto& round : plan_.clients)
            honest = honest && (round[i] == client_kind::honest || round[i] == client_kind::silent ||
                                round[i] == client_kind::late);
        if (honest) out_.honest_names.insert(aggregation::name_of(*clients_[i].key));
    }
}

std::vector<bytes> simulated_clients::enrolments(const hash::digest32& session) const {
    std::vector<bytes> messages;
    for (std::size_t i = 0; i < clients_.size(); ++i)
        messages.push_back(
            aggregation::sign_enrolment(key_of_seed(clients_[i].seed), session, plan_.weights[i], 0)
                .message());
    return messages;
}

void simulated_clients::round_opened() {
    world_.tapped.clear();
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        client_node& client = clients_[i];
        client.points_to_stop = static_cast<std::uint32_t>(plan_.client_stop(round_, i));
        client.started = false;
        client.message.clear();
        client.resent = 0;
    }
}

bool simulated_clients::has_receipt(std::size_t who) const {
    return std::any_of(clients_[who].receipts.begin(), clients_[who].receipts.end(),
                       [this](const auto& receipt) { return receipt.second == round_; });
}

std::size_t simulated_clients::place_of(const byte_array<32>& id) const {
    for (std::size_t i = 0; i < clients_.size(); ++i)
        if (clients_[i].key->bytes() == id) return i;
    throw simulation_error("a client that is not on the roster is on the record");
}

void simulated_clients::compare_receipts(const std::function<bool(const audit::receipt&)>& still_there) {
    for (std::size_t client = 0; client < clients_.size(); ++client)
        for (const auto& [receipt, round] : clients_[client].receipts) {
            const bool there = still_there(receipt);
            for (observed_receipt& seen : out_.receipts)
                if (seen.client == client && seen.round == round) seen.still_there = there;
        }
}

std::vector<float> simulated_clients::draw_update() {
    std::vector<float> update(round().header().layout.d);
    for (float& value : update)
        value = static_cast<float>(static_cast<double>(draw_.below(200'001)) / 100'000.0 - 1.0);
    return update;
}
std::vector<std::int32_t> simulated_clients::quantised(const std::vector<float>& update) const {
    return take(encoding::quantise(update, round().header().format), "quantise");
}

std::size_t simulated_clients::note(sent_contribution sent) {
    out_.contributions.push_back(std::move(sent));
    return out_.contributions.size() - 1;
}
void simulated_clients::send(std::size_t client, std::size_t tag, const bytes& message) {
    bus_.send(static_cast<int>(client) + 1, aggregator_node, tag, message);
}

void simulated_clients::wake(std::size_t who, std::uint64_t at) {
    bus_.wake(static_cast<int>(who) + 1, at, clients_[who].life);
}

void simulated_clients::stop(std::size_t who) {
    client_node& client = clients_[who];
    trace("client " + std::to_string(who) + " is stopped");
    ++out_.restarts.clients;
    ++client.life;
    client.up = false;
    client.role.reset();
    client.started = false;
    client.message.clear();
    client.pending.clear();
    client.resent = 0;
    if (has_bug(planted_bug::client_without_outbox))
        client.kept = std::make_shared<aggregation::memory_outbox>();
    wake(who, bus_.now() + 1 + downtime_.below(100));
}

void simulated_clients::at_client(std::size_t who, const delivery& what) {
    client_node& client = clients_[who];
    if (what.timer && what.tag != client.life) return; // set by an earlier life
    if (!client.up && !what.timer) return;             // lost
    try {
        if (client.up) {
            hear(who, what);
            return;
        }
        client.up = true;
        trace("client " + std::to_string(who) + " starts again");
        if (!world_.aggregator->collects()) return;
        client.started = true;
        act(who);
    } catch (const stopped&) {
        stop(who);
    }
}

void simulated_clients::hear(std::size_t who, const delivery& what) {
    client_node& client = clients_[who];
    if (what.timer) {
        if (!client.started) return;
        if (client.message.empty()) {
            act(who); // was waiting for somebody to copy from, or for the end of the round
            return;
        }
        if (has_receipt(who) || ++client.resent > 4 || bus_.now() > round().header().closes_at + 300) return;
        for (const auto& [tag, message] : client.message) send(who, tag, message);
        wake(who, bus_.now() + 150 + draw_.below(100));
        return;
    }
    if (what.content.empty()) {
        if (client.started) return;
        client.started = true;
        act(who);
        return;
    }
    const auto receipt = audit::receipt::parse(what.content);
    const bool known = std::any_of(client.pending.begin(), client.pending.end(), [&](const auto& pending) {
        const auto record = receipt ? audit::record::parse(receipt->record_bytes) : receipt.error();
        const auto held = record ? aggregation::contribution_record::parse(record->body) : record.error();
        return held && held->header.round == pending.first.message().header.round;
    });
    if (client.life != 0 && !known) return; // for what an earlier life sent; it will ask again
    watch_.point(who, "receipt");
    observed_receipt seen{who, round_, false, false};
    for (const auto& [pending, round] : client.pending)
        if (receipt && pending.confirm(*receipt)) {
            seen.round = round;
            seen.confirmed = true;
            client.receipts.emplace_back(*receipt, round);
        }
    out_.receipts.push_back(seen);
}

// What the library sends: what its outbox holds for the round, else a new message.
aggregation::contribution_message simulated_clients::contributed(std::size_t who,
                                                                 const std::vector<float>& update) {
    client_node& client = clients_[who];
    if (!client.role)
        client.role.emplace(take(client_role::join(*facts_, foundation::encryptor(), key_of_seed(client.seed),
                                                   outbox(client.kept, watch_, who)),
                                 "client"));
    auto made = client.role->sent(round());
    if (!made) {
        require(made.error().code == errc::missing, "what was sent: " + made.error().describe());
        client.values = quantised(update);
        made = client.role->contribute(round(), update, rng_);
    }
    return take(std::move(made), "contribution").message();
}

void simulated_clients::act(std::size_t who) {
    client_node& client = clients_[who];
    const client_kind kind = plan_.clients[round_][who];
    const bool validity = plan_.validity;
    client_software software(round(), facts_->header, key_of_seed(client.seed), rng_);
    const auto update = draw_update();
    const auto values = quantised(update);
    sent_contribution sent;
    sent.round = round_;
    sent.client = who;
    sent.authentic = true;
    sent.content = ++contents_;
    const auto post = [&](aggregation::contribution_message message, effect what, std::uint16_t reason) {
        sent.what = what;
        sent.reason = reason;
        client.pending.emplace_back(
            aggregation::pending_contribution(message, facts_->header.origin, *world_.aggregator_key),
            round_);
        const std::size_t tag = note(sent);
        client.message.emplace_back(tag, message.serialize());
        send(who, tag, client.message.back().second);
        wake(who, bus_.now() + 150);
    };
    const auto honest = [&] {
        sent.values = values;
        auto body = software.body(values);
        if (round_ + 1 < plan_.rounds()) client.earlier_body = body;
        return software.sign(std::move(body));
    };
    const auto valid_check = [&](std::uint16_t suite1, std::uint16_t suite2) {
        return validity ? suite2 : suite1;
    };
    const std::size_t rows = 32 * round().layout().data_rows();
    const std::size_t audit_rows = 32 * round().layout().audit_rows();
    switch (kind) {
    case client_kind::honest: {
        auto message = contributed(who, update);
        if (round_ + 1 < plan_.rounds()) {
            client.earlier_body = message.body;
            client.earlier_message = message.serialize();
        }
        const auto [made, fresh] =
            client.contents.try_emplace(hash::sha256(message.serialize()), sent.content);
        if (fresh) world_.tapped.emplace_back(who, message);
        sent.content = made->second;
        sent.values = client.values;
        post(std::move(message), effect::counts, 0);
        watch_.point(who, "sent");
        break;
    }
    case client_kind::silent:
        break;
    case client_kind::late:
        if (bus_.now() <= round().header().closes_at)
            wake(who, round().header().closes_at + 1 + draw_.below(150));
        else
            post(honest(), effect::counts, 0);
        break;
    case client_kind::malformed: {
        sent.authentic = false;
        bytes message = software.sign(software.body(values)).serialize();
        switch (draw_.below(4)) {
        case 0:
            message.resize(draw_.below(message.size()));
            break;
        case 1:
            message.push_back(0);
            break;
        case 2:
            message[draw_.below(12)] ^= 0x55; // frame
            break;
        default:
            message = draw_.draw(draw_.below(300));
        }
        const std::size_t tag = note(sent);
        client.message.emplace_back(tag, message);
        send(who, tag, message);
        break;
    }
    case client_kind::wrong_round:
        if (!client.earlier_message) break;
        sent.authentic = false;
        client.message.emplace_back(note(sent), *client.earlier_message);
        send(who, client.message.back().first, *client.earlier_message);
        break;
    case client_kind::bad_row: {
        auto body = software.body(values);
        std::fill_n(body.begin(), 32, std::uint8_t{0xff});
        post(software.sign(std::move(body)), effect::evidence, 7);
        break;
    }
    case client_kind::wrong_digest: {
        hash::digest64 other{};
        other[draw_.below(64)] = 1;
        post(software.sign(software.body(values), other), effect::evidence, 8);
        break;
    }
    case client_kind::bad_audit_row: {
        auto body = software.body(values);
        std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(rows), 32, std::uint8_t{0xff});
        post(software.sign(std::move(body)), effect::evidence, valid_check(9, 103));
        break;
    }
    case client_kind::bad_ciphertext: {
        auto body = software.body(values);
        const std::size_t at = validity ? zk::validity_shape(round().layout())[zk::validity_field::cts].offset
                                        : rows + audit_rows;
        std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(at), scheme::ciphertext_bytes,
                    draw_.below(2) == 0 ? std::uint8_t{0} : std::uint8_t{0xff});
        post(software.sign(std::move(body)), effect::evidence, valid_check(10, 105));
        break;
    }
    case client_kind::bad_proof: {
        auto body = software.body(values);
        body.back() ^= 1;
        post(software.sign(std::move(body)), effect::evidence, 11);
        break;
    }
    case client_kind::copied: {
        const auto other = std::find_if(world_.tapped.begin(), world_.tapped.end(),
                                        [&](const auto& seen) { return seen.first != who; });
        if (other == world_.tapped.end()) {
            if (bus_.now() + 100 < round().header().closes_at) wake(who, bus_.now() + 60);
            break;
        }
        post(software.sign(other->second.body), effect::evidence, valid_check(11, 108));
        break;
    }
    case client_kind::other_round:
        if (client.earlier_body)
            post(software.sign(*client.earlier_body), effect::evidence, valid_check(11, 108));
        break;
    case client_kind::other_session:
        post(software.sign(software.of_other_session(values)), effect::evidence, 11);
        break;
    case client_kind::equivocates: {
        post(honest(), effect::counts, 0);
        sent.values = quantised(draw_update());
        sent.content = ++contents_;
        post(software.sign(software.body(sent.values)), effect::counts, 0);
        break;
    }
    case client_kind::twice_bad: {
        auto body = software.body(values);
        std::fill_n(body.begin(), 32, std::uint8_t{0xff});
        post(software.sign(std::move(body)), effect::evidence, 7);
        sent.content = ++contents_;
        post(honest(), effect::counts, 0);
        break;
    }
    case client_kind::spoiled:
        sent.spoils = !validity;
        sent.values = values;
        post(software.sign(software.spoiled(values, integer::bigint(1))),
             validity ? effect::evidence : effect::counts, validity ? 111 : 0);
        break;
    case client_kind::out_of_range:
        post(software.sign(software.spoiled(values, integer::bigint(1) << round().layout().value_bits())),
             effect::evidence, 111);
        break;
    case client_kind::norm_above:
        post(software.sign(software.above_norm()), effect::evidence, 108);
        break;
    }
}

void simulated_clients::at_outsider() {
    if (!world_.aggregator->collects()) return;
    sent_contribution sent;
    sent.round = round_;
    sent.content = ++contents_;
    if (world_.tapped.empty()) { // nobody to listen to yet
        if (bus_.now() + 100 < round().header().closes_at) bus_.wake(outsider_node, bus_.now() + 60, 0);
        return;
    }
    const auto& [client, overheard] = world_.tapped[draw_.below(world_.tapped.size())];
    aggregation::contribution_message message = overheard;
    sent.client = client;
    bytes sent_bytes;
    switch (plan_.outsiders[round_]) {
    case outsider_kind::none:
        return;
    case outsider_kind::stranger: {
        client_software software(round(), facts_->header, key_of_seed(random::random_bytes<32>(rng_)), rng_);
        sent.on_roster = false;
        sent_bytes = software.sign(message.body).serialize();
        break;
    }
    case outsider_kind::framed: // as if the client had signed something else
        message.body.back() ^= 1;
        message.header.body = hash::sha256(message.body);
        sent_bytes = message.serialize();
        break;
    case outsider_kind::swapped_body: // what the client signed, before other bytes: says only when it
                                      // came
        message.body.back() ^= 1;
        sent.authentic = true;
        for (const sent_contribution& earlier : out_.contributions)
            if (earlier.round == round_ && earlier.client == client && earlier.what == effect::counts)
                sent.content = earlier.content;
        sent_bytes = message.serialize();
        break;
    case outsider_kind::garbage:
        sent_bytes = draw_.draw(draw_.below(2000));
        break;
    }
    bus_.send(outsider_node, aggregator_node, note(sent), sent_bytes);
}

} // namespace veilsum::test
