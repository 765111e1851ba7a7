// Replaces four functions of libsodium in this program, by the linker's --wrap: what they said of some bytes
// they say again without computing. They are functions of their arguments alone, and in a session everybody
// checks the same few signatures and keys: that was nearly half of the time.
#include <sodium/crypto_core_ed25519.h>
#include <sodium/crypto_scalarmult_ed25519.h>
#include <sodium/crypto_sign_ed25519.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <utility>

namespace {

template <std::size_t Bytes>
using outcome = std::pair<int, std::array<unsigned char, Bytes>>;

// A thread has one session at a time, so that a small memory holds all that comes again.
template <std::size_t Bytes, class Compute>
const outcome<Bytes>& remembered(std::unordered_map<std::string, outcome<Bytes>>& memory, std::string&& key,
                                 const Compute& compute) {
    if (memory.size() > 1000) memory.clear();
    const auto [place, fresh] = memory.try_emplace(std::move(key));
    if (fresh) compute(place->second);
    return place->second;
}

std::string joined(std::initializer_list<std::pair<const unsigned char*, std::size_t>> parts) {
    std::string all;
    for (const auto& [data, size] : parts) all.append(reinterpret_cast<const char*>(data), size);
    return all;
}

} // namespace

extern "C" {

int __real_crypto_core_ed25519_add(unsigned char* r, const unsigned char* p, const unsigned char* q);
int __wrap_crypto_core_ed25519_add(unsigned char* r, const unsigned char* p, const unsigned char* q) {
    thread_local std::unordered_map<std::string, outcome<32>> memory;
    const auto& [code, sum] = remembered(memory, joined({{p, 32}, {q, 32}}), [&](outcome<32>& made) {
        made.first = __real_crypto_core_ed25519_add(made.second.data(), p, q);
    });
    std::copy(sum.begin(), sum.end(), r);
    return code;
}

int __real_crypto_scalarmult_ed25519_noclamp(unsigned char* q, const unsigned char* n,
                                             const unsigned char* p);
int __wrap_crypto_scalarmult_ed25519_noclamp(unsigned char* q, const unsigned char* n,
                                             const unsigned char* p) {
    thread_local std::unordered_map<std::string, outcome<32>> memory;
    const auto& [code, product] = remembered(memory, joined({{n, 32}, {p, 32}}), [&](outcome<32>& made) {
        made.first = __real_crypto_scalarmult_ed25519_noclamp(made.second.data(), n, p);
    });
    std::copy(product.begin(), product.end(), q);
    return code;
}

int __real_crypto_sign_ed25519_verify_detached(const unsigned char* signature, const unsigned char* message,
                                               unsigned long long size, const unsigned char* key);
int __wrap_crypto_sign_ed25519_verify_detached(const unsigned char* signature, const unsigned char* message,
                                               unsigned long long size, const unsigned char* key) {
    thread_local std::unordered_map<std::string, outcome<0>> memory;
    return remembered(memory, joined({{signature, 64}, {key, 32}, {message, static_cast<std::size_t>(size)}}),
                      [&](outcome<0>& made) {
                          made.first =
                              __real_crypto_sign_ed25519_verify_detached(signature, message, size, key);
                      })
        .first;
}

int __real_crypto_sign_ed25519_seed_keypair(unsigned char* key, unsigned char* secret,
                                            const unsigned char* seed);
int __wrap_crypto_sign_ed25519_seed_keypair(unsigned char* key, unsigned char* secret,
                                            const unsigned char* seed) {
    thread_local std::unordered_map<std::string, outcome<96>> memory;
    const auto& [code, pair] = remembered(memory, joined({{seed, 32}}), [&](outcome<96>& made) {
        made.first =
            __real_crypto_sign_ed25519_seed_keypair(made.second.data(), made.second.data() + 32, seed);
    });
    std::copy(pair.begin(), pair.begin() + 32, key);
    std::copy(pair.begin() + 32, pair.end(), secret);
    return code;
}

} // extern "C"
