// Decoders of what the processes of `cluster` send each other: whoever reaches the port of an aggregator
// writes requests, and whoever plays the aggregator writes replies.
//
//      0  cluster::parse_request, cluster::number_of
//      1  cluster::parse_reply
//
// Holds: a request's number is found without decoding the rest; batches and pieces are within their caps, and
// what a refusal says can be put on a terminal.
#include "fuzz/decoders.hpp"

#include "cluster/protocol.hpp"

#include <variant>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;

constexpr std::size_t max_message = 1000; // of a contribution or a partial decryption here
constexpr std::uint64_t number = 0x0102030405060708U;

template <class Message>
bytes write_back(const cluster::numbered<Message>& read) {
    return cluster::serialize(read.number, read.message);
}

bool read_request(byte_view data) {
    const auto read = cluster::parse_request(data, max_message);
    if (!one_spelling(data, read, write_back<cluster::request>)) return false;
    require(cluster::number_of(data) == read->number, "a request's number stands in its place");
    return true;
}

bool read_reply(byte_view data) {
    const auto read = cluster::parse_reply(data);
    if (!one_spelling(data, read, write_back<cluster::reply>)) return false;
    if (const auto* batch = std::get_if<cluster::records_reply>(&read->message)) {
        require(batch->records.size() <= cluster::max_batch_records, "a batch is within its cap");
        for (const cluster::proved_record& each : batch->records)
            require(each.proof.path.size() <= audit::max_proof_digests, "a proof is within its cap");
    }
    if (const auto* refused = std::get_if<cluster::refused_reply>(&read->message)) {
        require(name_of(refused->code) != "unknown", "a refusal has a code");
        for (const char c : refused->text)
            require(cluster::refused_reply::is_printable(c), "what a refusal says can be printed");
    }
    return true;
}

hash::digest32 filled(std::uint8_t with) {
    hash::digest32 made{};
    made.fill(with);
    return made;
}

const decoder all[] = {
    {"cluster::parse_request, cluster::number_of", read_request,
     [] {
         samples out;
         for (const cluster::request& each : std::vector<cluster::request>{
                  cluster::records_request{7}, cluster::body_request{filled(3), 1U << 20},
                  cluster::contribute_request{bytes(max_message, 5)}, cluster::partial_request{bytes(3, 6)},
                  cluster::receipt_request{filled(9)}, cluster::enrol_request{bytes(4, 2)}})
             out.push_back(cluster::serialize(number, each));
         return out;
     }},
    {"cluster::parse_reply", read_reply,
     [] {
         cluster::records_reply batch{"origin\n2\nroot\n", {}};
         batch.records.push_back({bytes(audit::record_header_bytes + 8, 1), {}});
         batch.records.push_back({bytes(audit::record_header_bytes, 2), {{filled(4), filled(5)}}});
         samples out;
         for (const cluster::reply& each : std::vector<cluster::reply>{
                  batch, cluster::piece_reply{40, bytes(30, 7)}, cluster::receipt_reply{bytes(20, 8)},
                  cluster::done_reply{},
                  cluster::refused_reply{errc::duplicate, 12, "duplicate: a second contribution"}})
             out.push_back(cluster::serialize(number, each));
         return out;
     }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
