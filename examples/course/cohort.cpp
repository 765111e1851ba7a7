#include "cohort.hpp"

#include <unistd.h>

namespace course {

using veilsum::sign::signing_key;

scratch_folder::scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "veilsum-course-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
        must(veilsum::result<void>(veilsum::error{veilsum::errc::io, "mkdtemp"}));
    path_ = name;
}

scratch_folder::~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

cohort::cohort(const std::filesystem::path& folder, std::size_t clients, std::vector<float> weights)
    : weights_(std::move(weights)) {
    auto dealt =
        must(aggregation::deal_ceremony<scheme>(must(veilsum::threshold::structure::create(2, 3)), rng_));
    session_ = must(aggregation::idle_session<scheme, store>::open(
        must(store::create(folder)), dealt.ceremony, aggregation::exponent_policy::short_exponent, origin,
        signing_key::generate(rng_), rng_));
    const auto encryptor = std::make_shared<const client::encryptor>(dealt.ceremony.key);
    for (std::size_t i = 0; i < clients; ++i) {
        clients_.push_back(must(
            client::join(facts(), encryptor, signing_key::generate(rng_), aggregation::memory_outbox())));
        must(session_->enrol(clients_.back().enrol(1, 0), rng_));
    }
    for (auto& [share, identity] : dealt.trustees)
        trustees_.push_back(must(trustee::join(must(aggregation::session_state<scheme>::open(
                                                   must(record().read(0)), aggregation::bodies_of(record()))),
                                               std::move(share), std::move(identity), memory_journal())));
}

cohort::outcome cohort::aggregate(const std::vector<std::vector<float>>& updates) {
    const std::uint64_t opens = clock_, closes = clock_ + 3600;
    clock_ = closes + 1;
    const auto before = must(aggregation::model::of(weights_));
    const auto header =
        must(aggregation::plan_round(session_->state().standing(), format, before.size(), 2, opens, closes));
    auto round = must(std::move(*session_).open_round(header, before, opens, rng_));
    outcome made;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        made.receipts.emplace_back();
        if (updates[i].empty()) continue;
        const auto pending = must(clients_[i].contribute(round.state().round(), updates[i], rng_));
        const auto receipt = must(round.receive(pending.message().serialize(), opens + 1, rng_));
        must(pending.confirm(receipt));
        made.receipts.back() = receipt.serialize();
    }
    auto closed = must(std::move(round).close(closes + 1, rng_));
    if (!closed.opening)
        must(veilsum::result<void>(veilsum::error{veilsum::errc::refused, "cohort too small"}));
    for (trustee& each : trustees_) {
        if (closed.opening->has_quorum())
            break; // whoever is not needed now reads this part of the record later
        must(each.catch_up(closed.opening->store(), rng_));
        must(closed.opening->receive(must(each.answer(rng_)).serialize(), rng_));
    }
    auto finished = must(std::move(*closed.opening).finish(rng_));
    session_ = std::move(finished.session);
    const auto weights = session_->state().standing().models()[0].weights();
    weights_.assign(weights.begin(), weights.end());
    made.sums = std::move(finished.opened.sums);
    made.sums.resize(weights_.size()); // the rest is padding of the last row
    return made;
}

void cohort::end() {
    must(std::move(*session_).end({}, rng_));
    session_.reset();
}

} // namespace course
