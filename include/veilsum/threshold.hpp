// All of the room threshold: dealt keys: shares, partial decryptions with proofs, combination, refresh.
// It brings in what can sign or decrypt: programs that must not be able to include single headers.
#pragma once

#include <veilsum/threshold/combine.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/threshold/epoch.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/partial_decryption.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>
#include <veilsum/threshold/refresh.hpp>
#include <veilsum/threshold/refresh_complaint.hpp>
#include <veilsum/threshold/refresh_contribution.hpp>
#include <veilsum/threshold/refresh_reception.hpp>
#include <veilsum/threshold/refresh_terms.hpp>
#include <veilsum/threshold/refresh_trustee.hpp>
#include <veilsum/threshold/share_file.hpp>
#include <veilsum/threshold/share_proof.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>
