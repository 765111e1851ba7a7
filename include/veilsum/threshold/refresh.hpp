// Refresh: new shares of the same secret, so that old ones are of no use beside them. Everybody's half.
//
//     x_i' = x_i + sum_k z_k,i   over the integers,  z_k,i = g_k(i),  g_k(0) = 0
//     v_i' = v_i prod_k prod_{0 < j < t} A_k,j^(i^j) mod n^(s+1)
//
//     refresh_enrolment --accept(reception)*--> close --> refresh_collection --accept(contribution)*--> close
//       --> refresh_review --accept(complaint)*--> close --> refresh_outcome (the new verification keys)
//
// Each party runs these states over the same messages, the ones on the record, and comes to the same outcome:
// nobody's word is taken for the new keys. The same messages must reach all of them, in one order: of two
// contributions that a trustee signed the first counts, and who sees another first computes other keys. Then
// the acknowledgements differ, and the refresh is to be given up: everybody goes on with the old shares. n,
// h_s and the secret exponent d do not change, because all g_k vanish at 0; so old ciphertexts open as
// before, under the shares of any one epoch.
//
// Who must take part. All trustees receive (close of the enrolment, check 1): one that does not has no share
// afterwards. At least t contributions count (close of the review, check 1): with at most t - 1 corrupt
// trustees one of them is then honest, and one honest g_k is enough to hide the sum, whatever the others are
// and whenever they were chosen.
//
// What a corrupt trustee can do: be silent (the refresh does not happen, the old shares stay good); deal a
// bad sub-share (its recipient complains, it is named and dropped); complain falsely (it is named). What it
// cannot: change the secret, move the new keys unnoticed, leave an honest trustee with a share that does not
// fit.
//
// What refresh does not do: t shares of *one* epoch open everything for ever, since n is the same. It helps
// if never t trustees are corrupt in one epoch (one that is corrupt while a refresh runs counts in both) and
// if honest trustees erase their old shares, files and copies of them included, and their one-time keys. They
// should do so when all have acknowledged the new keys, not before: until then a refresh can be given up.
//
// Ref: Herzberg, Jarecki, Krawczyk, Yung, CRYPTO '95; Frankel, Gemmell, MacKenzie, Yung, FOCS '97.
// Differences and the proof: docs/spec/refresh.md.   spec: refresh
//
// A message is parsed and checked (numbers in its header) before anything is stored; a refused one leaves the
// state as it was. A second message of one kind by one trustee is a duplicate, check 7: the same bytes again
// accuse nobody, since anybody can send them; other bytes name the trustee, and the caller keeps both as
// evidence. `close` consumes the state if it succeeds, and leaves it as it was if not.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/threshold/refresh_complaint.hpp>
#include <veilsum/threshold/refresh_contribution.hpp>
#include <veilsum/threshold/refresh_reception.hpp>
#include <veilsum/threshold/refresh_terms.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::threshold {

// A dealer whose contribution does not count, and the check of `open_sub_share` that it failed.
struct dropped_dealer {
    party_id dealer;  // whose contribution does not count
    party_id accuser; // who proved it
    error reason;
};

// What a refresh comes to. Only `refresh_review::close` makes it.
template <class Scheme>
class refresh_outcome {
  public:
    const refresh_terms<Scheme>& terms() const { return terms_; }     // what was agreed before
    const verification_keys<Scheme>& after() const { return after_; } // v_1' .. v_l', of the next epoch
    // Those that count, by ascending index; at least a quorum.
    const std::vector<refresh_contribution<Scheme>>& contributions() const { return contributions_; }
    // Dealers against whom a complaint was upheld.
    const std::vector<dropped_dealer>& dropped() const { return dropped_; }

  private:
    template <class>
    friend class refresh_review;
    refresh_outcome(refresh_terms<Scheme> terms, verification_keys<Scheme> after,
                    std::vector<refresh_contribution<Scheme>>&& contributions,
                    std::vector<dropped_dealer>&& dropped)
        : terms_(std::move(terms)), after_(std::move(after)), contributions_(std::move(contributions)),
          dropped_(std::move(dropped)) {}
    refresh_terms<Scheme> terms_;
    verification_keys<Scheme> after_;
    std::vector<refresh_contribution<Scheme>> contributions_;
    std::vector<dropped_dealer> dropped_;
};

// All contributions are in; complaints are heard.
template <class Scheme>
class refresh_review {
  public:
    const refresh_terms<Scheme>& terms() const { return terms_; } // what was agreed before
    // All that were made, by ascending index of the dealer.
    const std::vector<refresh_contribution<Scheme>>& contributions() const { return contributions_; }
    const std::vector<dropped_dealer>& dropped() const { return dropped_; } // so far

    // A complaint that is upheld drops the accused; a second one about it changes nothing. Refused, with the
    // accuser as culprit: checks 1 to 6 (refresh_complaint.hpp); 7 the accused has contributed (missing);
    // 8 its sub-share is bad (refused, if it is good).
    // Cost: one power of sub_share_bits bits.   spec: refresh, step 6
    result<void> accept(byte_view message) {
        const auto complaint = refresh_complaint::parse(terms_, receptions_, message);
        if (!complaint) return complaint.error();
        const std::string culprit = name_of(complaint->accuser());
        const auto accused =
            std::find_if(contributions_.begin(), contributions_.end(), [&](const auto& contribution) {
                return contribution.dealer() == complaint->accused();
            });
        if (accused == contributions_.end())
            return error{errc::missing, "contribution of the accused", 7, {}, culprit};
        const auto opened = open_sub_share(terms_, *accused, complaint->accuser(), complaint->key());
        if (opened) return error{errc::refused, "complaint about a good sub-share", 8, {}, culprit};
        if (!is_dropped(complaint->accused()))
            dropped_.push_back({complaint->accused(), complaint->accuser(), opened.error()});
        return {};
    }

    // Check 1: at least a quorum of contributions count (missing). Cost: l short powers of t - 1 bases.
    // spec: refresh, step 7
    result<refresh_outcome<Scheme>> close() && {
        using integer::bigint;
        const structure& who = terms_.structure();
        const auto& key = terms_.key();
        std::vector<refresh_contribution<Scheme>> counted;
        for (const auto& contribution : contributions_)
            if (!is_dropped(contribution.dealer())) counted.push_back(contribution);
        if (counted.size() < who.quorum()) return error{errc::missing, "contributions of a quorum", 1};

        std::vector<bigint> sum(who.quorum() - 1, bigint(1)); // prod_k A_k,j
        for (const auto& contribution : counted)
            for (std::size_t j = 0; j < sum.size(); ++j)
                sum[j] = sum[j] * contribution.commitments()[j] % key.modulus();
        std::vector<bigint> of_trustees;
        for (std::uint32_t i = 1; i <= who.trustees(); ++i)
            of_trustees.push_back(terms_.before().of(party_id(i)) *
                                  evaluate_in_exponent<Scheme>(key, sum, party_id(i)) % key.modulus());
        auto after = verification_keys<Scheme>::create(key, who, std::move(of_trustees), terms_.next_epoch());
        if (!after) return after.error();
        return refresh_outcome<Scheme>(terms_, *std::move(after), std::move(counted), std::move(dropped_));
    }

  private:
    template <class>
    friend class refresh_collection;
    refresh_review(refresh_terms<Scheme> terms, std::vector<refresh_reception>&& receptions,
                   std::vector<refresh_contribution<Scheme>>&& contributions)
        : terms_(std::move(terms)), receptions_(std::move(receptions)),
          contributions_(std::move(contributions)) {}
    bool is_dropped(party_id dealer) const {
        return std::any_of(dropped_.begin(), dropped_.end(),
                           [&](const dropped_dealer& dropped) { return dropped.dealer == dealer; });
    }
    refresh_terms<Scheme> terms_;
    std::vector<refresh_reception> receptions_; // [i - 1] is trustee i's
    std::vector<refresh_contribution<Scheme>> contributions_;
    std::vector<dropped_dealer> dropped_;
};

// All receptions are in; dealers contribute.
template <class Scheme>
class refresh_collection {
  public:
    const refresh_terms<Scheme>& terms() const { return terms_; } // what was agreed before
    // P_i,k: what dealer k seals to for recipient i.
    const sign::verifying_key& reception_key(party_id recipient, party_id dealer) const {
        expects(terms_.structure().contains(recipient));
        return receptions_[recipient.index() - 1].key_for(dealer);
    }

    // Checks 1 to 6 (refresh_contribution.hpp) and 7 (duplicate).   spec: refresh, step 4
    result<void> accept(byte_view message) {
        auto made = refresh_contribution<Scheme>::parse(terms_, receptions_, message);
        if (!made) return made.error();
        const auto place =
            std::lower_bound(contributions_.begin(), contributions_.end(), made->dealer(),
                             [](const auto& stored, party_id dealer) { return stored.dealer() < dealer; });
        if (place != contributions_.end() && place->dealer() == made->dealer())
            return duplicate_of("contribution", made->dealer(), place->digest(), made->digest());
        contributions_.insert(place, *std::move(made));
        return {};
    }
    // Check 1: at least a quorum of contributions (missing).
    result<refresh_review<Scheme>> close() && {
        if (contributions_.size() < terms_.structure().quorum())
            return error{errc::missing, "contributions of a quorum", 1};
        return refresh_review<Scheme>(terms_, std::move(receptions_), std::move(contributions_));
    }

  private:
    template <class>
    friend class refresh_enrolment;
    refresh_collection(refresh_terms<Scheme> terms, std::vector<refresh_reception>&& receptions)
        : terms_(std::move(terms)), receptions_(std::move(receptions)) {}
    refresh_terms<Scheme> terms_;
    std::vector<refresh_reception> receptions_;
    std::vector<refresh_contribution<Scheme>> contributions_;
};

// The first state: each trustee sends its reception keys.
template <class Scheme>
class refresh_enrolment {
  public:
    explicit refresh_enrolment(refresh_terms<Scheme> terms)
        : terms_(std::move(terms)), receptions_(terms_.structure().trustees()) {}

    const refresh_terms<Scheme>& terms() const { return terms_; } // what was agreed before

    // Checks 1 to 5 (refresh_reception.hpp) and 7 (duplicate).   spec: refresh, step 2
    result<void> accept(byte_view message) {
        auto made = refresh_reception::parse(terms_, message);
        if (!made) return made.error();
        auto& place = receptions_[made->owner().index() - 1];
        if (place) return duplicate_of("reception", made->owner(), place->digest(), made->digest());
        place = *std::move(made);
        return {};
    }
    // Check 1: every trustee has enrolled (missing, culprit the first that has not).
    result<refresh_collection<Scheme>> close() && {
        std::vector<refresh_reception> all;
        for (std::uint32_t i = 1; i <= terms_.structure().trustees(); ++i) {
            if (!receptions_[i - 1]) return error{errc::missing, "reception", 1, {}, name_of(party_id(i))};
            all.push_back(*receptions_[i - 1]);
        }
        return refresh_collection<Scheme>(terms_, std::move(all));
    }

  private:
    refresh_terms<Scheme> terms_;
    std::vector<std::optional<refresh_reception>> receptions_; // [i - 1] is trustee i's
};

} // namespace veilsum::threshold
