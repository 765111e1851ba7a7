// Who may talk to the aggregator: the peers whose transport keys are listed, and nobody else; each opens at
// most `max_connections` connections within `quota_time`.
//
// ZAP (ZeroMQ RFC 27): before a CURVE handshake ends, libzmq asks a socket of this name within the process
// whether the key is welcome; a peer that is not is cut off before a byte of a request is read. Every message
// of one that is carries its key, in hexadecimal digits, as the property `User-Id`. A thread of its own
// answers, so that newcomers do not wait for the verification of a contribution. If it cannot answer any more
// it stays where it is and is silent, and handshakes time out: without a socket of this name libzmq would let
// everybody in.
#pragma once

#include "cluster/key_files.hpp"

#include <zmq.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cluster {

class gate {
    using clock = std::chrono::steady_clock;

  public:
    // Of a peer. Over a line that is cut every five seconds it comes as often.
    static constexpr unsigned max_connections = 120;
    static constexpr auto quota_time = std::chrono::minutes(10);

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

    struct quota {
        clock::time_point since;
        unsigned opened = 0;
    };
    struct verdict {
        std::string_view status; // 200: welcome, 300: not now, 400: never
        std::string_view text;
        std::string user;
    };
    verdict judge(const std::vector<zmq::message_t>& asked) {
        const verdict stranger{"400", "not listed", {}};
        if (asked.size() != parts_of_a_question || asked[0].to_string_view() != version ||
            asked[5].to_string_view() != "CURVE")
            return stranger;
        transport_public key{};
        if (asked[6].size() != key.size()) return stranger;
        std::copy_n(asked[6].data<std::uint8_t>(), key.size(), key.begin());
        if (listed_.count(key) == 0) return stranger;
        if (!takes_from_quota(key)) return {"300", "too many connections", {}};
        return {"200", "", veilsum::to_hex(key)};
    }
    bool takes_from_quota(const transport_public& key) {
        const auto now = clock::now();
        quota& own = quotas_[key];
        if (own.opened == 0 || now - own.since >= quota_time) own = {now, 0};
        if (++own.opened == max_connections + 1)
            std::fprintf(stderr, "too many connections of peer %s\n", veilsum::to_hex(key).c_str());
        return own.opened <= max_connections;
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
        const verdict found = judge(asked);
        const std::string_view number = asked.size() > 1 ? asked[1].to_string_view() : "";
        const auto send = [&](std::string_view part, zmq::send_flags more) {
            uninterrupted([&] { (void)socket_.send(zmq::buffer(part), more); });
        };
        // version | number | status | text | user | metadata
        for (const std::string_view part :
             {version, number, found.status, found.text, std::string_view(found.user)})
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
    std::map<transport_public, quota> quotas_; // of the thread, once it runs
    zmq::socket_t socket_;                     // the same
    std::thread thread_;
};

} // namespace cluster
