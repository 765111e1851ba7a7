/* veilsum for C, and for whatever can call C: aggregate arrays of numbers from several parties so that only
 * their sum is opened, with all proofs checked.
 *
 *     ceremony     veilsum_deal, or the program `keys deal`
 *     aggregator   create, enrol*, open_round, receive*, close, receive_partial*, finish, sums, mean
 *     client       create, enrol, contribute, confirm
 *     trustee      create, answer
 *     anybody      veilsum_audit
 *
 * The parties may be threads, processes or machines. What a client or trustee sends is bytes, for the caller
 * to carry to the aggregator. What they read is the record folder that the aggregator writes: it is public,
 * and they check what follows from it by themselves, so a copy will do. That it is the record of the session
 * that they mean, under the key that they mean, they cannot know: compare its session id and key with what
 * the parties agreed on (the program `audit` prints session and aggregator) before create. The model of this
 * interface begins as zeros and is an array of floats; a round gives the weighted mean of the accepted
 * updates. Rounds follow each other over the model that the last one left.
 *
 * Calls return VEILSUM_OK or why not, and say more in `error` unless it is NULL. No call throws, prints, ends
 * the process on bad input, or keeps a pointer that it was given. A call that fails leaves its handle as it
 * was (but for what veilsum_aggregator_close says) and sets what it would return to NULL; after VEILSUM_IO an
 * aggregator is to be freed.
 *
 * Handles belong to the caller, who frees each once with its own function; freeing NULL does nothing. What
 * veilsum_bytes_data returns lives until veilsum_bytes_free.
 *
 * Threads: different handles may be used at the same time, one handle by one thread at a time.
 *
 * Sizes: keys of 2048 and 3072 bits.
 *
 * Not here: resuming an aggregator that was stopped, drawn cohorts, differential privacy, change of keys. The
 * C++ library has them.
 */
#ifndef VEILSUM_C_H
#define VEILSUM_C_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) || !defined(__GNUC__)
#define VEILSUM_API
#else
#define VEILSUM_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. A program compares it with veilsum_interface_version(): other numbers, other interface. */
#define VEILSUM_INTERFACE_VERSION 1
VEILSUM_API uint32_t veilsum_interface_version(void);

enum veilsum_code {
    VEILSUM_OK = 0,
    VEILSUM_MALFORMED = 1,     /* bytes that do not follow their format */
    VEILSUM_OUT_OF_RANGE = 2,  /* a number outside its interval */
    VEILSUM_NOT_A_UNIT = 3,    /* a residue that shares a factor with the modulus */
    VEILSUM_WRONG_KEY = 4,     /* made for, or under, another key */
    VEILSUM_WRONG_CONTEXT = 5, /* made for another session, round or party */
    VEILSUM_DUPLICATE = 6,     /* a second one where one is allowed */
    VEILSUM_MISSING = 7,       /* something that must be there is not */
    VEILSUM_MISMATCH = 8,      /* two things that must agree do not */
    VEILSUM_BAD_SIGNATURE = 9,
    VEILSUM_BAD_PROOF = 10,
    VEILSUM_BAD_PARAMETER = 11, /* a configuration that cannot work */
    VEILSUM_OVERFLOW = 12,      /* a value that does not fit into its bits */
    VEILSUM_REFUSED = 13,       /* a policy forbids it, or it is not the time for this call */
    VEILSUM_IO = 14,            /* the operating system refused a read, write or lock */
    VEILSUM_UNSUPPORTED = 15,   /* a version or size that this library does not have */
    VEILSUM_NULL_ARGUMENT = 100,
    VEILSUM_SHORT_BUFFER = 101, /* the array of the caller is too short: nothing was written to it */
    VEILSUM_NO_MEMORY = 102,
    VEILSUM_INTERNAL = 103 /* a defect of this library */
};

typedef struct veilsum_error {
    int32_t code;   /* as returned */
    uint32_t check; /* number of the failed check within its procedure; 0: not numbered */
    char
        message[504]; /* what failed, where, and who is to blame; ends with NUL, cut off where it is longer */
} veilsum_error;

typedef struct veilsum_bytes veilsum_bytes;
typedef struct veilsum_aggregator veilsum_aggregator;
typedef struct veilsum_client veilsum_client;
typedef struct veilsum_trustee veilsum_trustee;

VEILSUM_API const uint8_t* veilsum_bytes_data(const veilsum_bytes* bytes); /* NULL of NULL */
VEILSUM_API size_t veilsum_bytes_size(const veilsum_bytes* bytes);         /* 0 of NULL */
VEILSUM_API void veilsum_bytes_free(veilsum_bytes* bytes);

/* Makes a key and deals it: any `quorum` of `trustees` can open, and quorum must be more than half. Writes
 * `folder`, which must not exist, as `keys deal` does, passphrases included: whoever can read all of it can
 * open everything. */
VEILSUM_API int32_t veilsum_deal(const char* folder, uint32_t modulus_bits, uint32_t quorum,
                                 uint32_t trustees, veilsum_error* error);

/* --- Aggregator --- */

typedef struct veilsum_round_plan {
    uint32_t scale_bits; /* one unit of a quantised value is 2^-scale_bits */
    uint32_t value_bits; /* 2 to 24 bits a value, signed */
    /* Euclidean norm that updates are clipped to: clip_l2 2^scale_bits + 1 <= 2^(value_bits-1) - 1 */
    double clip_l2;
    uint32_t minimum_cohort; /* fewest contributions whose sum is opened, at least 2 */
    uint64_t opens_at;       /* seconds of the POSIX epoch */
    uint64_t closes_at;
} veilsum_round_plan;

/* A session over the key of `ceremony_folder`, with a signing key that lives as long as the handle. The
 * record goes to `record_folder`, which must not exist. `origin` names the log: "hospital.example/log".
 * `values` in each update. */
VEILSUM_API int32_t veilsum_aggregator_create(const char* ceremony_folder, const char* record_folder,
                                              const char* origin, size_t values, veilsum_aggregator** out,
                                              veilsum_error* error);
VEILSUM_API void veilsum_aggregator_free(veilsum_aggregator* aggregator);
/* 32 bytes that no other session has. */
VEILSUM_API int32_t veilsum_aggregator_session(const veilsum_aggregator* aggregator, uint8_t* out,
                                               size_t capacity, veilsum_error* error);
/* Between rounds: takes a client's enrolment. */
VEILSUM_API int32_t veilsum_aggregator_enrol(veilsum_aggregator* aggregator, const uint8_t* message,
                                             size_t size, veilsum_error* error);
/* Every client that is enrolled may contribute. */
VEILSUM_API int32_t veilsum_aggregator_open_round(veilsum_aggregator* aggregator,
                                                  const veilsum_round_plan* plan, veilsum_error* error);
/* Checks a contribution and puts it on the record. `receipt`, for the client, may be NULL. */
VEILSUM_API int32_t veilsum_aggregator_receive(veilsum_aggregator* aggregator, const uint8_t* message,
                                               size_t size, uint64_t now, veilsum_bytes** receipt,
                                               veilsum_error* error);
/* Refused while clients are silent and the closing time is not over. With less than the minimum cohort the
 * round has no result: VEILSUM_MISSING, and the next one can be opened. */
VEILSUM_API int32_t veilsum_aggregator_close(veilsum_aggregator* aggregator, uint64_t now,
                                             veilsum_error* error);
VEILSUM_API int32_t veilsum_aggregator_receive_partial(veilsum_aggregator* aggregator, const uint8_t* message,
                                                       size_t size, veilsum_error* error);
/* Combines the partial decryptions of a quorum; VEILSUM_MISSING while there is none. */
VEILSUM_API int32_t veilsum_aggregator_finish(veilsum_aggregator* aggregator, veilsum_error* error);
/* Of the last finished round: `values` weighted sums of quantised updates, and (unless NULL) the sum of the
 * weights. */
VEILSUM_API int32_t veilsum_aggregator_sums(const veilsum_aggregator* aggregator, int64_t* out,
                                            size_t capacity, uint64_t* total_weight, veilsum_error* error);
/* Of the last finished round: sums / (2^scale_bits total_weight). */
VEILSUM_API int32_t veilsum_aggregator_mean(const veilsum_aggregator* aggregator, float* out, size_t capacity,
                                            veilsum_error* error);
/* Between rounds: the last entry of the record. Only sums, mean, session and free can follow. */
VEILSUM_API int32_t veilsum_aggregator_end(veilsum_aggregator* aggregator, veilsum_error* error);

/* --- Client --- */

/* `seed`: 32 secret bytes, the same for the same client, or NULL for a new client. `outbox_folder` keeps what
 * was sent, so that a client which is started again does not send two contributions; NULL for one that is not
 * started again. */
VEILSUM_API int32_t veilsum_client_create(const char* record_folder, const uint8_t* seed, size_t seed_size,
                                          const char* outbox_folder, veilsum_client** out,
                                          veilsum_error* error);
VEILSUM_API void veilsum_client_free(veilsum_client* client);
/* The message that takes part with this weight, or with 0 leaves. */
VEILSUM_API int32_t veilsum_client_enrol(veilsum_client* client, uint32_t weight, veilsum_bytes** message,
                                         veilsum_error* error);
/* Clips, quantises, encrypts, proves and signs. Again in the same round: the same message, whatever the
 * update, because the first may have been sent. */
VEILSUM_API int32_t veilsum_client_contribute(veilsum_client* client, const float* update, size_t values,
                                              veilsum_bytes** message, veilsum_error* error);
/* Whether the receipt is the aggregator's, for the last contribution of this handle. */
VEILSUM_API int32_t veilsum_client_confirm(const veilsum_client* client, const uint8_t* receipt, size_t size,
                                           veilsum_error* error);

/* --- Trustee --- */

/* Reads ceremony_folder/trustee-INDEX (index from 1). `journal_file` is where it writes down what it opens:
 * keep it, a trustee that lost it may open what it must not. */
VEILSUM_API int32_t veilsum_trustee_create(const char* ceremony_folder, uint32_t index,
                                           const char* record_folder, const char* journal_file,
                                           veilsum_trustee** out, veilsum_error* error);
VEILSUM_API void veilsum_trustee_free(veilsum_trustee* trustee);
/* Checks what is new on the record; then its partial decryption of the closed round. */
VEILSUM_API int32_t veilsum_trustee_answer(veilsum_trustee* trustee, veilsum_bytes** message,
                                           veilsum_error* error);

/* --- Anybody --- */

/* The full audit. `session`: the 32 bytes of the session that it must be, or NULL for any. */
VEILSUM_API int32_t veilsum_audit(const char* record_folder, const uint8_t* session, size_t session_size,
                                  veilsum_error* error);

#ifdef __cplusplus
}
#endif

#endif
