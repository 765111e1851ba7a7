// The aggregator's end: takes requests from everybody, in the order of their arrival, and answers each.
//
// ZeroMQ ROUTER with CURVE. Whose transport key is listed may ask (gate.hpp); what is asked is judged by its
// content. A request is stamped when it is taken from the network, before the ones in front of it are
// worked on: a contribution is late by when it came, not by how long others took to verify.
//
// A peer asks one thing at a time. Of each one request waits here, the newest, behind those of the others:
// who sends many has no more answers than who sends one. The same request again, as over a new connection,
// keeps its place and its time and is answered where it came from last.
//
// Memory: requests above `max_request` are cut off by the transport before they are read; what waits here
// is at most `max_waiting` requests and 4 `max_request` bytes, more stays in the network's queues, which are
// short. A connection whose answers are not read for 30 s is cut off.
#pragma once

#include "cluster/key_files.hpp"
#include "cluster/process.hpp"
#include "cluster/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cluster {

class server {
  public:
    static constexpr std::size_t max_waiting = 256;

    struct incoming {
        bytes from;       // routing id of the connection
        std::string peer; // its transport key, hexadecimal digits
        bytes message;
        bool whole; // one part, as every request is
        std::uint64_t received_at;
    };

    static result<server> bind(const std::string& address, const transport_secret& key, peer_list peers,
                               std::size_t max_request);
    server(server&&) noexcept;
    server& operator=(server&&) noexcept;
    ~server();

    // Takes what the network has, and waits for it at most so long if nothing is waiting here.
    result<void> collect(milliseconds wait);
    // When the request that is next came; nothing if none waits.
    std::optional<std::uint64_t> next_received_at() const;
    // The next request; one must be waiting.
    incoming take();
    // Dropped when the peer is gone, or does not read its answers.
    result<void> answer(const incoming& to, byte_view message);

  private:
    struct state;
    explicit server(std::unique_ptr<state> made);
    std::unique_ptr<state> state_;
};

} // namespace cluster
