// All of the room seal: sealed files and sealed messages.
#pragma once

#include <veilsum/seal/passphrase_box.hpp>
#include <veilsum/seal/sealed_message.hpp>
