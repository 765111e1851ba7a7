// How a session and its rounds are opened: who may enrol, layout and start model from the options.
//
// File of clients: a line for each client, "ID WEIGHT"; ID is 64 hexadecimal digits, WEIGHT a positive
// integer.
#pragma once

#include "cluster/options.hpp"
#include "cluster/process.hpp"
#include "support/files.hpp"
#include "support/identifiers.hpp"

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/encoding/slots.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/zk/validity_shape.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace cluster {

namespace aggregation = veilsum::aggregation;

inline veilsum::result<aggregation::roster> read_roster(const std::filesystem::path& path) {
    const auto data = examples::read_file(path, std::size_t{aggregation::roster::max_clients} * 80);
    if (!data) return data.error();
    std::vector<aggregation::roster_entry> entries;
    std::istringstream lines(std::string(data->begin(), data->end()));
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        const std::string place = path.string() + ", line " + std::to_string(++number);
        const auto wrong = [&] { return veilsum::error{veilsum::errc::malformed, "roster line", 0, place}; };
        if (line.size() < 66 || line[64] != ' ') return wrong();
        const auto raw = examples::parse_id(line.substr(0, 64), "client id");
        if (!raw) return wrong();
        auto id = aggregation::client_id::parse(**raw);
        if (!id) return veilsum::error(id.error()).at(place);
        std::uint32_t weight = 0;
        const char* end = line.data() + line.size();
        const auto read = std::from_chars(line.data() + 65, end, weight);
        if (read.ec != std::errc() || read.ptr != end) return wrong();
        entries.push_back({*id, weight});
    }
    auto made = aggregation::roster::of(std::move(entries));
    if (!made) return veilsum::error(made.error()).at(path.string());
    return made;
}

// binary32 numbers, little-endian, as `numpy.tofile` writes them.
inline veilsum::result<std::vector<float>> read_vector(const std::filesystem::path& path) {
    const auto data = examples::read_file(path, std::size_t{aggregation::model::max_weights} * 4);
    if (!data) return data.error();
    if (data->size() % 4 != 0)
        return veilsum::error{veilsum::errc::malformed, "length of a file of binary32 values", 0,
                              path.string()};
    std::vector<float> values(data->size() / 4);
    for (std::size_t j = 0; j < values.size(); ++j) {
        std::uint32_t bits = 0;
        for (std::size_t k = 4; k-- > 0;) bits = bits << 8 | (*data)[4 * j + k];
        values[j] = std::bit_cast<float>(bits);
    }
    return values;
}

template <class Scheme>
class session_plan {
  public:
    using store = veilsum::audit::file_store;
    using idle = aggregation::idle_session<Scheme, store>;
    using collecting = aggregation::collecting_round<Scheme, store>;
    static constexpr auto policy = aggregation::exponent_policy::short_exponent;
    // Of a client in a session, beside that it leaves: each is a record that everybody reads.
    static constexpr std::uint64_t max_enrolments = 32;

    static veilsum::result<session_plan> make(const aggregator_options& given) {
        auto members = read_roster(given.clients);
        if (!members) return members.error();
        if (members->size() < given.minimum_cohort)
            return veilsum::error{veilsum::errc::bad_parameter, "minimum cohort above the number of clients",
                                  0, given.clients};
        std::vector<float> weights(given.dimension, 0.0F);
        if (!given.model.empty()) {
            auto read = read_vector(given.model);
            if (!read) return read.error();
            weights = *std::move(read);
        }
        auto start = aggregation::model::of(std::move(weights));
        if (!start) return start.error();

        aggregation::round_header header;
        header.format = {given.scale_bits, given.value_bits, given.clip};
        if (auto fits = header.format.check(); !fits) return fits.error();
        header.suite = aggregation::proof_suite::validity;
        header.minimum_cohort = given.minimum_cohort;
        namespace encoding = veilsum::encoding;
        encoding::layout_parameters& layout = header.layout;
        layout.nbits = static_cast<std::uint32_t>(Scheme::modulus_bits);
        layout.b = given.value_bits;
        layout.m = static_cast<std::uint32_t>(members->total_weight());
        layout.wmax = members->largest_weight();
        layout.d = static_cast<std::uint32_t>(start->size());
        layout.flags = encoding::flag_audit | encoding::flag_l2;
        layout.B2 = encoding::norm_bound_bytes(
            encoding::squared_norm_bound(header.format, layout.d, encoding::rounding::nearest));
        layout.a = static_cast<std::uint32_t>(aggregation::exponent_bits<Scheme>(policy));
        layout.md = encoding::smallest_digit_count(layout.b, layout.wmax);
        const auto slots = encoding::slot_layout::create(Scheme::plaintext_bits, layout.b, layout.m);
        if (!slots) return slots.error();
        layout.C = encoding::recommended_columns(layout.d, layout.b, slots->slots(), layout.md);
        auto made = encoding::matrix_layout::create(layout, Scheme::modulus_bits);
        if (!made) return made.error();
        return session_plan(header, *std::move(made), *std::move(members), *std::move(start), given.open_for);
    }

    // Of the longest message that a client or a trustee has to send.
    std::size_t longest_message(const aggregation::ceremony<Scheme>& ceremony) const {
        const std::size_t contribution =
            aggregation::contribution_header::size + veilsum::zk::validity_shape(layout_).total();
        const std::size_t partial = aggregation::partial_header::size +
                                    aggregation::partial_body_bytes(ceremony, layout_.ciphertexts());
        return veilsum::wire::frame_header_bytes + std::max(contribution, partial);
    }

    veilsum::result<idle> open_session(store&& empty, const aggregation::ceremony<Scheme>& ceremony,
                                       const std::string& origin, veilsum::sign::signing_key&& key,
                                       veilsum::random::system_random& rng) const {
        return idle::open(std::move(empty), ceremony, policy, origin, std::move(key), rng);
    }
    veilsum::result<collecting> open_round(idle&& session, veilsum::random::system_random& rng) const {
        aggregation::round_header header = header_;
        header.opens_at = unix_seconds();
        header.closes_at = header.opens_at + open_for_;
        const auto& models = session.state().standing().models();
        const aggregation::model start = models.empty() ? start_ : models.front();
        return std::move(session).open_round(header, start, header.opens_at, rng);
    }

    // A message of a client that was announced, with its weight, or that leaves; at most `max_enrolments`.
    veilsum::result<void> may_enrol(veilsum::byte_view message) const {
        const auto wanted = aggregation::enrolment::parse_message(message);
        if (!wanted) return wanted.error();
        const auto id = aggregation::client_id::parse(wanted->client);
        if (!id) return id.error();
        const auto weight = members_.weight_of(*id);
        if (!weight || (wanted->weight != 0 && wanted->weight != *weight))
            return veilsum::error{veilsum::errc::refused,
                                  "client or weight that is not in the file of clients",
                                  0,
                                  {},
                                  aggregation::name_of(*id)};
        if (wanted->serial >= max_enrolments && wanted->weight != 0)
            return veilsum::error{veilsum::errc::refused,
                                  "too many enrolments of this client",
                                  0,
                                  {},
                                  aggregation::name_of(*id)};
        return {};
    }
    std::size_t announced() const { return members_.size(); }
    std::uint32_t minimum_cohort() const { return header_.minimum_cohort; }

  private:
    session_plan(const aggregation::round_header& header, veilsum::encoding::matrix_layout layout,
                 aggregation::roster members, aggregation::model start, std::uint64_t open_for)
        : header_(header), layout_(std::move(layout)), members_(std::move(members)), start_(std::move(start)),
          open_for_(open_for) {}

    aggregation::round_header header_;
    veilsum::encoding::matrix_layout layout_;
    aggregation::roster members_;
    aggregation::model start_;
    std::uint64_t open_for_;
};

// What a client asks of a round beyond the pre-flight, before it encrypts.
inline veilsum::result<void> check_cohort(const aggregation::round_facts& round,
                                          const client_options& given) {
    if (round.header().minimum_cohort < given.minimum_cohort)
        return veilsum::error{
            veilsum::errc::refused, "minimum cohort of the round", 0, {}, aggregation::name_of_aggregator()};
    if (given.roster.empty()) return {};
    const auto known = read_roster(given.roster);
    if (!known) return known.error();
    if (known->digest() != round.members().digest())
        return veilsum::error{
            veilsum::errc::mismatch, "roster of the round", 0, {}, aggregation::name_of_aggregator()};
    return {};
}

} // namespace cluster
