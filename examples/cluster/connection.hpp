// A peer's connection to the aggregator: ask, and have the answer, over whatever the network does.
//
// ZeroMQ DEALER with CURVE: the aggregator is known by its key, which the caller brings, so nobody else can
// answer, read along or change anything. The aggregator knows the peer's own transport key from its list and
// lets nobody else in; who sent something follows from the signature in it all the same (docs/cluster.md).
//
// A request that has no answer after `patience` is sent again over a new connection, then after twice as
// long, and so on up to ten minutes. Answers to earlier requests are dropped.
#pragma once

#include "cluster/key_files.hpp"
#include "cluster/options.hpp"
#include "cluster/protocol.hpp"

#include <memory>

namespace cluster {

class connection {
  public:
    static result<connection> open(const link_options& given, const transport_public& aggregator,
                                   transport_secret own);
    connection(connection&&) noexcept;
    connection& operator=(connection&&) noexcept;
    ~connection();

    // Errors: errc::io after `give_up` seconds without an answer, and when an address cannot work; those of
    // `parse_reply`; errc::refused once the process is asked to stop.
    result<reply> ask(const request& what);

  private:
    struct state;
    explicit connection(std::unique_ptr<state> made);
    std::unique_ptr<state> state_;
};

// What a reply of another kind than the one wanted means.
inline error unexpected(const reply& answer) {
    if (const auto* no = std::get_if<refused_reply>(&answer))
        return error{no->code, "the aggregator refused", 0, no->text};
    return error{errc::malformed, "kind of the aggregator's reply"};
}

} // namespace cluster
