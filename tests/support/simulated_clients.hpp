// The clients of a simulated session, honest or not, and whoever is not on its roster.
#pragma once

#include "support/simulated_world.hpp"

namespace veilsum::test {

class simulated_clients : actor {
  public:
    explicit simulated_clients(simulated_world& world);

    void at_client(std::size_t who, const delivery& what);
    void at_outsider();
    void round_opened(); // a new one: nobody has sent anything yet

    const byte_array<32>& id(std::size_t who) const { return clients_[who].key->bytes(); }
    std::size_t place_of(const byte_array<32>& id) const;
    bool started(std::size_t who) const { return clients_[who].started; } // in this round
    bool has_receipt(std::size_t who) const;                              // of this round
    std::vector<aggregation::roster_entry> roster() const;
    // Whether each receipt is still one under the checkpoint of a log.
    void compare_receipts(const std::function<bool(const audit::receipt&)>& still_there);

  private:
    struct client_node {
        byte_array<32> seed{};
        std::optional<sign::verifying_key> key;
        bool started = false;                               // in this round
        std::vector<std::pair<std::size_t, bytes>> message; // tag, bytes; sent again until a receipt comes
        std::vector<std::pair<aggregation::pending_contribution, std::size_t>> pending; // and its round
        std::optional<bytes> earlier_body; // of the round before, for those who will use it again
        std::optional<bytes> earlier_message;
        std::vector<std::pair<audit::receipt, std::size_t>> receipts;
        std::uint32_t resent = 0;
    };

    std::vector<std::int32_t> draw_values();
    std::size_t note(sent_contribution sent);
    void send(std::size_t client, std::size_t tag, const bytes& message);
    void act(std::size_t who);

    std::vector<client_node> clients_;
    std::size_t contents_ = 0;
};

} // namespace veilsum::test
