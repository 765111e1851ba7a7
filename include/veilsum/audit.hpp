// All of the room audit: records, the hash chain, the Merkle tree, checkpoints, witnesses, receipts and their
// storage. It brings in what can sign: programs that must not be able to include single headers.
#pragma once

#include <veilsum/audit/body_folder.hpp>
#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/checkpoint_file.hpp>
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/cosignature.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/frame_scanner.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/audit/log_file.hpp>
#include <veilsum/audit/log_frame.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/merkle.hpp>
#include <veilsum/audit/merkle_frontier.hpp>
#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/audit/policy_file.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/audit/receipt.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/audit/rollback.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/audit/verifier_key.hpp>
#include <veilsum/audit/witness_policy.hpp>
