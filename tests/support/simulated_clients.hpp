// The clients of a simulated session, honest or not, and whoever is not on its roster. Honest ones are the
// library's, stopped where the plan says so; they start again from their outbox some seconds later.
#pragma once

#include "support/simulated_world.hpp"
#include "support/watched_state.hpp"

#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/outbox.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::test {

class simulated_clients : actor {
    using outbox = watched_outbox<aggregation::memory_outbox>;
    using client_role = aggregation::client<scheme, outbox>;

  public:
    explicit simulated_clients(simulated_world& world);

    void at_client(std::size_t who, const delivery& what);
    void at_outsider();
    void round_opened(); // a new one: nobody has sent anything yet

    const byte_array<32>& id(std::size_t who) const { return clients_[who].key->bytes(); }
    std::size_t place_of(const byte_array<32>& id) const;
    bool started(std::size_t who) const { return clients_[who].started; } // in this round
    bool has_receipt(std::size_t who) const;                              // of this round
    // What they send before the first round.
    std::vector<bytes> enrolments(const hash::digest32& session) const;
    // Whether each receipt is still one under the checkpoint of a log.
    void compare_receipts(const std::function<bool(const audit::receipt&)>& still_there);

  private:
    struct client_node {
        byte_array<32> seed{};
        std::optional<sign::verifying_key> key;
        std::shared_ptr<aggregation::memory_outbox> kept = std::make_shared<aggregation::memory_outbox>();
        std::optional<client_role> role;  // of an honest one
        std::uint32_t points_to_stop = 0; // 0: is not stopped
        std::size_t life = 0;             // how often it was stopped
        bool up = true;
        std::vector<std::int32_t> values;                   // of the last message that its role has made
        std::map<hash::digest32, std::size_t> contents;     // of these messages
        bool started = false;                               // in this round
        std::vector<std::pair<std::size_t, bytes>> message; // tag, bytes; sent again until a receipt comes
        std::vector<std::pair<aggregation::pending_contribution, std::size_t>> pending; // and its round
        std::optional<bytes> earlier_body; // of the round before, for those who will use it again
        std::optional<bytes> earlier_message;
        std::vector<std::pair<audit::receipt, std::size_t>> receipts;
        std::uint32_t resent = 0;
    };

    std::vector<float> draw_update();
    std::vector<std::int32_t> quantised(const std::vector<float>& update) const;
    std::size_t note(sent_contribution sent);
    void send(std::size_t client, std::size_t tag, const bytes& message);
    void wake(std::size_t who, std::uint64_t at);
    void hear(std::size_t who, const delivery& what);
    void stop(std::size_t who);
    void act(std::size_t who);
    aggregation::contribution_message contributed(std::size_t who, const std::vector<float>& update);

    std::vector<client_node> clients_;
    std::size_t contents_ = 0;
    step_watch watch_;
    seeded_random downtime_;
};

} // namespace veilsum::test
