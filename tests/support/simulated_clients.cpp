#include "support/simulated_clients.hpp"

#include "support/simulated_aggregator.hpp"

#include <veilsum/encoding/fixed_point.hpp>

#include <algorithm>

namespace veilsum::test {

simulated_clients::simulated_clients(simulated_world& world) : actor(world), clients_(plan_.weights.size()) {
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

std::vector<aggregation::roster_entry> simulated_clients::roster() const {
    std::vector<aggregation::roster_entry> entries;
    for (std::size_t i = 0; i < clients_.size(); ++i) entries.push_back({*clients_[i].key, plan_.weights[i]});
    return entries;
}

void simulated_clients::round_opened() {
    world_.tapped.clear();
    for (client_node& client : clients_) {
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

std::vector<std::int32_t> simulated_clients::draw_values() {
    std::vector<float> update(round().header().layout.d);
    for (float& value : update)
        value = static_cast<float>(static_cast<double>(draw_.below(200'001)) / 100'000.0 - 1.0);
    return take(encoding::quantise(update, round().header().format), "quantise");
}

std::size_t simulated_clients::note(sent_contribution sent) {
    out_.contributions.push_back(std::move(sent));
    return out_.contributions.size() - 1;
}
void simulated_clients::send(std::size_t client, std::size_t tag, const bytes& message) {
    bus_.send(static_cast<int>(client) + 1, aggregator_node, tag, message);
}

void simulated_clients::at_client(std::size_t who, const delivery& what) {
    client_node& client = clients_[who];
    if (what.timer) {
        if (!client.started) return;
        if (client.message.empty()) {
            act(who); // was waiting for somebody to copy from, or for the end of the round
            return;
        }
        if (has_receipt(who) || ++client.resent > 4 || bus_.now() > round().header().closes_at + 300) return;
        for (const auto& [tag, message] : client.message) send(who, tag, message);
        bus_.wake(static_cast<int>(who) + 1, bus_.now() + 150 + draw_.below(100), 0);
        return;
    }
    if (what.content.empty()) {
        if (client.started) return;
        client.started = true;
        act(who);
        return;
    }
    const auto receipt = audit::receipt::parse(what.content);
    observed_receipt seen{who, round_, false, false};
    for (const auto& [pending, round] : client.pending)
        if (receipt && pending.confirm(*receipt)) {
            seen.round = round;
            seen.confirmed = true;
            client.receipts.emplace_back(*receipt, round);
        }
    out_.receipts.push_back(seen);
}

void simulated_clients::act(std::size_t who) {
    client_node& client = clients_[who];
    const client_kind kind = plan_.clients[round_][who];
    const int node = static_cast<int>(who) + 1;
    const bool validity = plan_.validity;
    client_software software(round(), facts_->header, key_of_seed(client.seed), rng_);
    const auto values = draw_values();
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
        bus_.wake(node, bus_.now() + 150, 0);
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
        auto message = honest();
        if (round_ + 1 < plan_.rounds()) client.earlier_message = message.serialize();
        world_.tapped.emplace_back(who, message);
        post(std::move(message), effect::counts, 0);
        break;
    }
    case client_kind::silent:
        break;
    case client_kind::late:
        if (bus_.now() <= round().header().closes_at)
            bus_.wake(node, round().header().closes_at + 1 + draw_.below(150), 0);
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
            if (bus_.now() + 100 < round().header().closes_at) bus_.wake(node, bus_.now() + 60, 0);
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
        sent.values = draw_values();
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
