// Who may talk to the aggregator: the peers whose transport keys are listed, and nobody else.
//
// ZAP (ZeroMQ RFC 27): before a CURVE handshake ends, libzmq asks a socket of this name within the process
// whether the key is welcome; a peer that is not is cut off before a byte of a request is read. A thread of
// its own answers, so that newcomers do not wait for the verification of a contribution. If it cannot answer
// any more it stays where it is and is silent, and handshakes time out: without a socket of this name libzmq
// would let everybody in.
#pragma once

#include "cluster/key_files.hpp"

#include <zmq.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cluster {

class gate {
  public:
    // To be made before a socket of `context` is bound. Throws zmq::error_t.
    gate(zmq::context_t& context, peer_list listed)
        : context_(context), listed_(std::move(listed)), socket_(context, zmq::socket_type::rep) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.bind("inproc://zeromq.zap.01");
        thread_ = std::thread([this] { serve(); });
    }
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;
    // Ends the context: to be destroyed after its other sockets.
    ~gate() {
        context_.shutdown();
        thread_.join();
    }

  private:
    // version | number | domain | address | routing id | mechanism | key
    static constexpr std::size_t parts_of_a_question = 7;
    static constexpr std::string_view version = "1.0";

    bool welcomes(const std::vector<zmq::message_t>& asked) const {
        if (asked.size() != parts_of_a_question || asked[0].to_string_view() != version ||
            asked[5].to_string_view() != "CURVE")
            return false;
        transport_public key{};
        if (asked[6].size() != key.size()) return false;
        std::copy_n(asked[6].data<std::uint8_t>(), key.size(), key.begin());
        return listed_.count(key) != 0;
    }
    // Once more after a signal, so that a question is answered whole.
    template <class Step>
    static void uninterrupted(const Step& step) {
        while (true) {
            try {
                step();
                return;
            } catch (const zmq::error_t& reason) {
                if (reason.num() != EINTR) throw;
            }
        }
    }
    void answer_one() {
        std::vector<zmq::message_t> asked;
        do {
            zmq::message_t part;
            uninterrupted([&] { (void)socket_.recv(part); });
            asked.push_back(std::move(part));
        } while (asked.back().more());
        const bool welcome = welcomes(asked);
        const std::string_view number = asked.size() > 1 ? asked[1].to_string_view() : "";
        const auto send = [&](std::string_view part, zmq::send_flags more) {
            uninterrupted([&] { (void)socket_.send(zmq::buffer(part), more); });
        };
        // version | number | status | text | user | metadata
        for (const std::string_view part :
             {version, number, std::string_view(welcome ? "200" : "400"),
              std::string_view(welcome ? "" : "not listed"), std::string_view()})
            send(part, zmq::send_flags::sndmore);
        send("", zmq::send_flags::none);
    }
    // Until the context ends (ETERM).
    void serve() {
        for (bool able = true;;) {
            try {
                if (able) {
                    answer_one();
                } else {
                    zmq::pollitem_t nothing{socket_.handle(), 0, 0, 0};
                    uninterrupted([&] { zmq::poll(&nothing, 1, std::chrono::milliseconds(100)); });
                }
            } catch (const zmq::error_t& reason) {
                if (reason.num() == ETERM) break;
                able = false;
            }
        }
        socket_.close();
    }

    zmq::context_t& context_;
    const peer_list listed_;
    zmq::socket_t socket_; // of the thread, once it runs
    std::thread thread_;
};

} // namespace cluster
