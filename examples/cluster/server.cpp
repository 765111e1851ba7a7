#include "cluster/server.hpp"

#include "cluster/gate.hpp"

#include <zmq.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace cluster {

namespace {

bytes copy_of(const zmq::message_t& part) {
    return bytes(part.data<std::uint8_t>(), part.data<std::uint8_t>() + part.size());
}

} // namespace

struct server::state {
    state(std::size_t most, peer_list peers) : max_request(most), keeper(context, std::move(peers)) {}

    const std::size_t max_request;
    zmq::context_t context{1};
    gate keeper;
    zmq::socket_t socket{context, zmq::socket_type::router};
    std::deque<incoming> waiting;
    std::size_t waiting_bytes = 0;
    std::string address;

    static error failure(const zmq::error_t& reason, const std::string& address) {
        return error{errc::io, "transport of the aggregator", 0, address + " (" + reason.what() + ")"};
    }
    error failure(const zmq::error_t& reason) const { return failure(reason, address); }
    bool full() const { return waiting.size() >= max_waiting || waiting_bytes >= 4 * max_request; }

    // One request, if there is one: routing id, then the message. Further parts are read and forgotten.
    bool take_one() {
        zmq::message_t part;
        if (!socket.recv(part, zmq::recv_flags::dontwait)) return false;
        incoming made{copy_of(part), {}, {}, part.more(), unix_seconds()};
        for (std::size_t parts = 0; part.more(); ++parts) {
            (void)socket.recv(part); // a message is there with all its parts, or not at all
            if (parts == 0) {
                made.peer = part.gets("User-Id"); // of every part but the routing id
                made.message = copy_of(part);
            }
            if (parts > 0) made.whole = false;
        }
        enqueue(std::move(made));
        return true;
    }
    // In the order of `received_at`: what came before a round's end is answered before the round is closed.
    void enqueue(incoming&& made) {
        const auto earlier = std::find_if(waiting.begin(), waiting.end(),
                                          [&](const incoming& each) { return each.peer == made.peer; });
        if (earlier != waiting.end() && earlier->message == made.message && earlier->whole == made.whole) {
            earlier->from = std::move(made.from);
            return;
        }
        if (earlier != waiting.end()) {
            waiting_bytes -= earlier->message.size();
            waiting.erase(earlier);
        }
        waiting_bytes += made.message.size();
        waiting.push_back(std::move(made));
    }
};

server::server(std::unique_ptr<state> made) : state_(std::move(made)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

result<server> server::bind(const std::string& address, const transport_secret& key, peer_list peers,
                            std::size_t max_request) {
    try {
        auto made = std::make_unique<state>(max_request, std::move(peers));
        made->address = address;
        zmq::socket_t& socket = made->socket;
        socket.set(zmq::sockopt::curve_server, true);
        socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(key.expose()));
        socket.set(zmq::sockopt::linger, 1000);
        socket.set(zmq::sockopt::sndhwm, 4); // of each peer; a reply beyond is dropped, and asked for again
        socket.set(zmq::sockopt::rcvhwm, 2);
        // Of what is on the wire: CURVE adds 33 bytes to a message.
        socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(max_request) + 64);
        socket.set(zmq::sockopt::handshake_ivl, 10000);
        socket.set(zmq::sockopt::heartbeat_ivl, 10000);
        socket.set(zmq::sockopt::heartbeat_timeout, 30000);
        socket.set(zmq::sockopt::tcp_maxrt, 30000);
        socket.set(zmq::sockopt::zap_domain, "cluster");
        socket.bind(address);
        return server(std::move(made));
    } catch (const zmq::error_t& reason) {
        return state::failure(reason, address);
    }
}

result<void> server::collect(milliseconds wait) {
    state& own = *state_;
    try {
        if (own.waiting.empty()) {
            zmq::pollitem_t item{own.socket.handle(), 0, ZMQ_POLLIN, 0};
            zmq::poll(&item, 1, wait);
        }
        // So many and no more: who sends without end does not keep the others from their answers.
        for (std::size_t taken = 0; taken < max_waiting && !own.full() && own.take_one(); ++taken) {
        }
    } catch (const zmq::error_t& reason) {
        if (reason.num() != EINTR) return own.failure(reason);
    }
    return {};
}

std::optional<std::uint64_t> server::next_received_at() const {
    if (state_->waiting.empty()) return std::nullopt;
    return state_->waiting.front().received_at;
}

server::incoming server::take() {
    state& own = *state_;
    veilsum::expects(!own.waiting.empty());
    incoming first = std::move(own.waiting.front());
    own.waiting.pop_front();
    own.waiting_bytes -= first.message.size();
    return first;
}

result<void> server::answer(const incoming& to, byte_view message) {
    try {
        (void)state_->socket.send(zmq::buffer(to.from.data(), to.from.size()),
                                  zmq::send_flags::sndmore | zmq::send_flags::dontwait);
        (void)state_->socket.send(zmq::buffer(message.data(), message.size()), zmq::send_flags::dontwait);
    } catch (const zmq::error_t& reason) {
        if (reason.num() != EINTR && reason.num() != EHOSTUNREACH) return state_->failure(reason);
    }
    return {};
}

} // namespace cluster
