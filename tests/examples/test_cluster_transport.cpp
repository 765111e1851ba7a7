// The transport of `cluster`: an authenticated peer that asks out of proportion takes nothing from the
// others, a gate that fails lets nobody in, and what the aggregator could not store is sent again.
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy_session.hpp"

#include "cluster/connection.hpp"
#include "cluster/gate.hpp"
#include "cluster/server.hpp"
#include "cluster/trustee_role.hpp"

#include <zmq.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

using namespace veilsum;
using cluster::milliseconds;

// The linker puts __wrap_zmq_send in the place of zmq_send (tests/CMakeLists.txt).
namespace {
std::atomic<bool> gate_fails{false};
const std::thread::id test_thread = std::this_thread::get_id();
} // namespace
extern "C" {
int __real_zmq_send(void* socket, const void* data, size_t length, int flags);
int __wrap_zmq_send(void* socket, const void* data, size_t length, int flags);
int __wrap_zmq_send(void* socket, const void* data, size_t length, int flags) {
    if (gate_fails && std::this_thread::get_id() != test_thread) {
        errno = ENOMEM;
        return -1;
    }
    return __real_zmq_send(socket, data, length, flags);
}
}

namespace {

constexpr milliseconds patience{20000}; // for what happens
constexpr milliseconds settled{1000};   // after which nothing more happens

cluster::transport_secret secret_of(std::uint8_t party) {
    return cluster::transport_secret(byte_array<32>{0, party});
}
cluster::transport_public public_of(std::uint8_t party) {
    return cluster::public_half(secret_of(party));
}
constexpr std::uint8_t aggregator = 1, alice = 2, bob = 3, stranger = 4;

bytes question(std::uint64_t number) {
    return cluster::serialize(number, cluster::request(cluster::records_request{number}));
}

// An aggregator's end that lists Alice and Bob.
class door {
  public:
    explicit door(const std::string& at = {}) : address(at) {
        if (address.empty()) address = "ipc://" + (folder_ / "door").native();
        auto made =
            cluster::server::bind(address, secret_of(aggregator), {public_of(alice), public_of(bob)}, 1000);
        if (!made) FAIL(made.error().describe());
        server.emplace(*std::move(made));
    }
    // Until a request waits.
    bool has_request(milliseconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        while (!server->next_received_at() && std::chrono::steady_clock::now() < end)
            REQUIRE(server->collect(milliseconds(20)));
        return server->next_received_at().has_value();
    }
    // Takes everything from the network that comes within some time.
    void settle() {
        const auto end = std::chrono::steady_clock::now() + settled;
        while (std::chrono::steady_clock::now() < end) {
            REQUIRE(server->collect(milliseconds(5)));
            std::this_thread::sleep_for(milliseconds(5));
        }
    }
    // Answers the next request with its own bytes.
    std::uint64_t answer_next() {
        const auto asked = server->take();
        REQUIRE(server->answer(asked, asked.message));
        return cluster::number_of(asked.message);
    }

  private:
    test::temporary_folder folder_;

  public:
    std::string address;
    std::optional<cluster::server> server;
};

// A peer that says what it likes.
class peer {
  public:
    peer(const door& to, std::uint8_t party) {
        const cluster::transport_public server_key = public_of(aggregator), own = public_of(party);
        const cluster::transport_secret mine = secret_of(party);
        socket_.set(zmq::sockopt::curve_serverkey, zmq::buffer(server_key));
        socket_.set(zmq::sockopt::curve_publickey, zmq::buffer(own));
        socket_.set(zmq::sockopt::curve_secretkey, zmq::buffer(mine.expose()));
        socket_.set(zmq::sockopt::linger, 0);
        socket_.connect(to.address);
    }
    void send(const bytes& message) { (void)socket_.send(zmq::buffer(message), zmq::send_flags::none); }
    std::optional<std::uint64_t> receive(milliseconds time) {
        socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(time.count()));
        zmq::message_t part;
        if (!socket_.recv(part)) return std::nullopt;
        return cluster::number_of({part.data<std::uint8_t>(), part.size()});
    }
    // One question and its answer.
    bool is_served(door& by, milliseconds time = patience) {
        send(question(999));
        if (!by.has_request(time)) return false;
        by.answer_next();
        return receive(time) == 999;
    }

  private:
    zmq::context_t context_{1};
    zmq::socket_t socket_{context_, zmq::socket_type::dealer};
};

} // namespace

TEST_CASE("cluster transport: of a peer that floods one request waits, behind those of the others",
          "[examples]") {
    door here;
    peer flooding(here, alice), other(here, bob);
    REQUIRE(flooding.is_served(here));
    REQUIRE(other.is_served(here));
    constexpr std::uint64_t flood = 50;
    for (std::uint64_t number = 1; number <= flood; ++number) flooding.send(question(number));
    other.send(question(100));
    here.settle();
    std::uint64_t answers_before_other = 0, answers_to_flood = 0;
    for (bool other_served = false, over = false; !over || !other_served;) {
        REQUIRE(here.has_request(patience));
        const std::uint64_t number = here.answer_next();
        other_served = other_served || number == 100;
        answers_before_other += other_served ? 0 : 1;
        answers_to_flood += number == 100 ? 0 : 1;
        over = over || number == flood;
    }
    CHECK(answers_before_other <= 2);
    CHECK(answers_to_flood < flood / 2); // one, unless this machine is very slow
    CHECK(other.receive(patience) == 100);
}

TEST_CASE("cluster transport: the same request again keeps its place, another one does not", "[examples]") {
    door here;
    peer first(here, alice), again(here, alice), other(here, bob);
    for (peer* each : {&first, &again, &other}) REQUIRE(each->is_served(here));
    const auto all_wait = [&](std::uint64_t repeated) {
        first.send(question(1));
        here.settle();
        other.send(question(2));
        here.settle();
        again.send(question(repeated));
        here.settle();
    };
    all_wait(1);
    CHECK(here.answer_next() == 1);
    CHECK(again.receive(patience) == 1); // where it was asked last
    CHECK(here.answer_next() == 2);
    CHECK_FALSE(here.server->next_received_at());
    all_wait(3);
    CHECK(here.answer_next() == 2);
    CHECK(here.answer_next() == 3);
    CHECK_FALSE(here.server->next_received_at());
}

TEST_CASE("cluster transport: connections beyond a peer's quota are not let in", "[examples]") {
    door here;
    for (unsigned opened = 0; opened < cluster::gate::max_connections; ++opened) {
        INFO(opened << " connections");
        peer one(here, alice);
        REQUIRE(one.is_served(here));
    }
    peer beyond(here, alice);
    CHECK_FALSE(beyond.is_served(here, settled));
    peer other(here, bob);
    CHECK(other.is_served(here));
}

TEST_CASE("cluster transport: a connection whose answers are not read has a time limit", "[examples]") {
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof place;
    REQUIRE(::bind(probe, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0);
    REQUIRE(::getsockname(probe, reinterpret_cast<sockaddr*>(&place), &length) == 0);
    ::close(probe);
    door here("tcp://127.0.0.1:" + std::to_string(ntohs(place.sin_port)));
    peer one(here, alice);
    REQUIRE(one.is_served(here));
    int limited = 0; // of this process's sockets on that port the one that was accepted
    for (int descriptor = 3; descriptor < 1024; ++descriptor) {
        sockaddr_in own{}, remote{};
        socklen_t own_length = sizeof own, remote_length = sizeof remote, limit_length = sizeof(unsigned);
        unsigned limit = 0;
        if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &own_length) != 0 ||
            own.sin_family != AF_INET || own.sin_port != place.sin_port ||
            ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&remote), &remote_length) != 0)
            continue;
        REQUIRE(::getsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, &limit_length) == 0);
        CHECK(limit == 30000);
        ++limited;
    }
    CHECK(limited == 1);
}

TEST_CASE("cluster transport: a gate that fails lets nobody in", "[examples]") {
    door here;
    peer early(here, alice);
    REQUIRE(early.is_served(here));
    {
        peer unlucky(here, bob);
        gate_fails = true;
        CHECK_FALSE(unlucky.is_served(here, settled));
        gate_fails = false;
    }
    peer late(here, bob), unlisted(here, stranger);
    CHECK_FALSE(unlisted.is_served(here, settled));
    CHECK_FALSE(late.is_served(here, settled));
    CHECK(early.is_served(here)); // who is in stays
}

TEST_CASE("cluster transport: what the aggregator cannot store just now is sent again", "[examples]") {
    door here;
    const cluster::link_options given{here.address, {}, 0.1, 60};
    auto link = cluster::connection::open(given, public_of(aggregator), secret_of(alice));
    REQUIRE(link);
    const auto asked_with = [&](const std::vector<cluster::reply>& answers) {
        std::optional<result<cluster::reply>> said;
        std::atomic<bool> over{false};
        std::thread asking([&] {
            said.emplace(link->ask(cluster::contribute_request{bytes(5, 7)}));
            over = true;
        });
        std::size_t given_answers = 0;
        while (!over) {
            if (!here.has_request(milliseconds(50))) continue;
            const auto asked = here.server->take();
            const auto& next = answers[std::min(given_answers++, answers.size() - 1)];
            if (!here.server->answer(asked, cluster::serialize(cluster::number_of(asked.message), next)))
                break;
        }
        asking.join();
        REQUIRE(*said);
        return std::pair(**said, given_answers);
    };
    const cluster::refused_reply full{errc::io, 0, "io: no space left on device"};
    const cluster::refused_reply late{errc::refused, 4, "refused: late"};
    const auto [stored, times] = asked_with({full, full, cluster::done_reply{}});
    CHECK(std::holds_alternative<cluster::done_reply>(stored));
    CHECK(times >= 3);
    const auto [refused, once] = asked_with({late});
    CHECK(refused == cluster::reply(late));
    CHECK(once == 1);
}

TEST_CASE("cluster trustee: a journal that is lost is not replaced", "[examples]") {
    using scheme = test::toy_session::scheme;
    const test::temporary_folder folder;
    test::toy_session world;
    aggregation::dealt_ceremony<scheme> dealt{*world.ceremony, {}};
    for (std::uint32_t i = 1; i <= world.ceremony->trustees.size(); ++i) {
        auto [share, identity] = world.secrets_of(i);
        dealt.trustees.push_back({std::move(share), std::move(identity)});
    }
    REQUIRE(examples::write_ceremony<scheme>(folder / "keys", dealt, {}, world.rng));
    const cluster::trustee_options given{{}, (folder / "own").native(), (folder / "keys").native(), 1};
    std::filesystem::create_directories(folder / "own" / "record");
    std::ofstream(folder / "own" / "record" / "log") << "records";

    door here;
    auto link =
        cluster::connection::open({here.address, {}, 0.1, 1}, public_of(aggregator), secret_of(alice));
    REQUIRE(link);
    const cluster::aggregator_keys known{world.aggregator_key().verifying(), public_of(aggregator)};
    for (int starts = 0; starts < 2; ++starts) {
        const auto ended = cluster::roles<scheme>::trustee(given, known, *link);
        REQUIRE_FALSE(ended);
        CHECK(ended.error().code == errc::missing);
        CHECK(ended.error().place.find((folder / "own" / "journal").native()) != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(folder / "own" / "journal"));
    }
}
