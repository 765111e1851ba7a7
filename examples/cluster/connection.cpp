#include "cluster/connection.hpp"

#include "cluster/process.hpp"

#include <zmq.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

namespace cluster {

namespace {

using clock = std::chrono::steady_clock;

error zmq_failure(const zmq::error_t& reason, const std::string& address) {
    return error{errc::io, "connection", 0, address + " (" + reason.what() + ")"};
}

} // namespace

struct connection::state {
    state(const link_options& link, const transport_public& key, transport_secret mine)
        : given(link), aggregator(key), own(std::move(mine)) {}

    const link_options given;
    const transport_public aggregator;
    const transport_secret own;
    zmq::context_t context{1};
    std::optional<zmq::socket_t> socket;
    std::uint64_t number = 0;
    bool told = false;

    void connect() {
        socket.emplace(context, zmq::socket_type::dealer);
        const transport_public mine = public_half(own);
        socket->set(zmq::sockopt::curve_serverkey, zmq::buffer(aggregator));
        socket->set(zmq::sockopt::curve_publickey, zmq::buffer(mine));
        socket->set(zmq::sockopt::curve_secretkey, zmq::buffer(own.expose()));
        socket->set(zmq::sockopt::linger, 0);
        socket->set(zmq::sockopt::sndhwm, 2);
        socket->set(zmq::sockopt::rcvhwm, 4);
        socket->set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(max_reply_bytes) + 64);
        socket->set(zmq::sockopt::reconnect_ivl, 200);
        socket->set(zmq::sockopt::reconnect_ivl_max, 5000);
        socket->set(zmq::sockopt::heartbeat_ivl, 5000);
        socket->set(zmq::sockopt::heartbeat_timeout, 20000);
        socket->connect(given.connect);
    }

    // The answer to `wanted`, or nothing when the time is over.
    result<std::optional<reply>> wait_for(std::uint64_t wanted, clock::time_point end) {
        while (!stop_asked()) {
            const auto left = std::chrono::duration_cast<milliseconds>(end - clock::now());
            if (left.count() <= 0) break;
            zmq::pollitem_t item{socket->handle(), 0, ZMQ_POLLIN, 0};
            try {
                zmq::poll(&item, 1, std::min(left, milliseconds(200)));
            } catch (const zmq::error_t& reason) {
                if (reason.num() == EINTR) continue;
                throw;
            }
            if ((item.revents & ZMQ_POLLIN) == 0) continue;
            zmq::message_t part;
            if (!socket->recv(part, zmq::recv_flags::dontwait)) continue;
            const bytes data(part.data<std::uint8_t>(), part.data<std::uint8_t>() + part.size());
            if (part.more()) return error{errc::malformed, "parts of the aggregator's reply"};
            auto parsed = parse_reply(data);
            if (!parsed) return parsed.error();
            if (parsed->number == wanted) return std::optional(std::move(parsed->message));
        }
        return std::optional<reply>();
    }
};

connection::connection(std::unique_ptr<state> made) : state_(std::move(made)) {}
connection::connection(connection&&) noexcept = default;
connection& connection::operator=(connection&&) noexcept = default;
connection::~connection() = default;

result<connection> connection::open(const link_options& given, const transport_public& aggregator,
                                    transport_secret own) {
    try {
        auto made = std::make_unique<state>(given, aggregator, std::move(own));
        made->connect();
        return connection(std::move(made));
    } catch (const zmq::error_t& reason) {
        return zmq_failure(reason, given.connect);
    }
}

result<reply> connection::ask(const request& what) {
    state& own = *state_;
    const std::uint64_t number = ++own.number;
    const bytes message = serialize(number, what);
    const auto begin = clock::now();
    double patience = own.given.patience;
    try {
        while (!stop_asked()) {
            if (!own.socket) own.connect();
            // Cannot be full: it is new, or everything sent before was answered.
            (void)own.socket->send(zmq::buffer(message), zmq::send_flags::dontwait);
            auto end = clock::now() +
                       std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(patience));
            const auto last = begin + std::chrono::duration_cast<clock::duration>(
                                          std::chrono::duration<double>(own.given.give_up));
            if (own.given.give_up > 0) end = std::min(end, last);
            auto answer = own.wait_for(number, end);
            if (!answer) return answer.error();
            // An aggregator that cannot read or write just now is asked again, as one that does not answer.
            const auto* no = *answer ? std::get_if<refused_reply>(&**answer) : nullptr;
            if (*answer && (no == nullptr || no->code != errc::io)) {
                own.told = false;
                return **std::move(answer);
            }
            if (no != nullptr) pause_for(std::chrono::duration_cast<milliseconds>(end - clock::now()));
            own.socket.reset();
            if (own.given.give_up > 0 && clock::now() >= last)
                return error{errc::io, "no answer from the aggregator", 0, own.given.connect};
            if (!own.told && !stop_asked())
                std::fprintf(
                    stderr,
                    "no answer yet from %s: it is not there, has another key, or does not list ours; "
                    "trying again\n",
                    own.given.connect.c_str());
            own.told = true;
            patience = std::min(2 * patience, 600.0);
        }
    } catch (const zmq::error_t& reason) {
        return zmq_failure(reason, own.given.connect);
    }
    return error{errc::refused, stopped};
}

} // namespace cluster
