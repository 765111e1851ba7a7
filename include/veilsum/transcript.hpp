// All of the room transcript: Fiat-Shamir transcripts, contexts, nonces.
#pragma once

#include <veilsum/transcript/context.hpp>
#include <veilsum/transcript/nonce_source.hpp>
#include <veilsum/transcript/transcript.hpp>
