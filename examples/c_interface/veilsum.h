/* veilsum for C, and for whatever can call C: aggregate arrays of numbers from several parties so that only
 * their sum is opened, with all proofs checked.
 *
 *     dealer       veilsum_deal and veilsum_ceremony_key, or the program `keys`
 *     client       veilsum_client_keys
 *     aggregator   create, session, enrol*, enrolled, open_round, receive*, close, receive_partial*, finish,
 *                  sums, mean; remove
 *     client       create, enrol, contribute, confirm; leave
 *     trustee      create, answer
 *     anybody      veilsum_audit
 *
 * The parties may be threads, processes or machines. What a client or trustee sends is bytes, for the caller
 * to carry to the aggregator. What they read is the record folder that the aggregator writes: it is public,
 * and they check what follows from it by themselves, so a copy will do. What cannot come from it is handed
 * over beforehand, over a channel that nobody can change:
 *
 *     client id    from each client to whoever decides who takes part
 *     roster       from there to aggregator and clients: these ids, each with its weight, and no others
 *     key id       from the dealer to the clients
 *     session id   from the aggregator to clients and auditors; names the aggregator's key too
 *
 * A client compares all of it (veilsum_expectation). The model of this interface begins as zeros and is an
 * array of floats; a round gives the weighted mean of the accepted updates. Rounds follow each other over the
 * model that the last one left.
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
 * Sizes: keys of 2048 and 3072 bits. Ids and seeds have 32 bytes: any other size of them is
 * VEILSUM_MALFORMED, room for less is VEILSUM_SHORT_BUFFER.
 *
 * Not here: resuming an aggregator that was stopped, clients that join a session later, drawn cohorts,
 * differential privacy, change of keys. The C++ library has them.
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
#define VEILSUM_INTERFACE_VERSION 2
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

/* From here on, memory that GMP frees is overwritten first, in the whole process: without it, pieces of
 * primes and key shares stay in freed memory. For a process that deals keys, is a trustee or is a client, as
 * its first call, before any thread uses GMP; once more changes nothing. It sets GMP's allocation functions,
 * so the host decides this, and the library must then stay loaded. VEILSUM_REFUSED where somebody has set
 * these functions already: they stay. */
VEILSUM_API int32_t veilsum_wipe_gmp_memory(veilsum_error* error);

VEILSUM_API const uint8_t* veilsum_bytes_data(const veilsum_bytes* bytes); /* NULL of NULL */
VEILSUM_API size_t veilsum_bytes_size(const veilsum_bytes* bytes);         /* 0 of NULL */
VEILSUM_API void veilsum_bytes_free(veilsum_bytes* bytes);

/* Makes a key and deals it: any `quorum` of `trustees` can open, and quorum must be more than half. Writes
 * `folder`, which must not exist, as `keys deal` does, passphrases included: whoever can read all of it can
 * open everything. */
VEILSUM_API int32_t veilsum_deal(const char* folder, uint32_t modulus_bits, uint32_t quorum,
                                 uint32_t trustees, veilsum_error* error);
/* 32 bytes, as `keys show` prints them: which key this ceremony dealt, for the dealer to tell the clients.
 * Checks the ceremony and reads nothing that is secret. */
VEILSUM_API int32_t veilsum_ceremony_key(const char* ceremony_folder, uint8_t* out, size_t capacity,
                                         veilsum_error* error);

/* A client that may take part. A roster is an array of them, in any order, at most 29,000: VEILSUM_MISSING
 * when it is empty, VEILSUM_DUPLICATE for a client that is there twice, VEILSUM_OUT_OF_RANGE for a weight of
 * 0 or too many, VEILSUM_MALFORMED for what is no id. */
typedef struct veilsum_roster_entry {
    uint8_t client[32]; /* its id */
    uint32_t weight;    /* of its updates in the sum, at least 1 */
} veilsum_roster_entry;

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
 * `values` in each update. `roster`: who may enrol, with which weights; the record names a client when it has
 * enrolled. What fails leaves no record folder behind. */
VEILSUM_API int32_t veilsum_aggregator_create(const char* ceremony_folder, const char* record_folder,
                                              const char* origin, size_t values,
                                              const veilsum_roster_entry* roster, size_t roster_size,
                                              veilsum_aggregator** out, veilsum_error* error);
VEILSUM_API void veilsum_aggregator_free(veilsum_aggregator* aggregator);
/* 32 bytes that no other session has. */
VEILSUM_API int32_t veilsum_aggregator_session(const veilsum_aggregator* aggregator, uint8_t* out,
                                               size_t capacity, veilsum_error* error);
/* Between rounds: takes a client's enrolment, or that it leaves. VEILSUM_REFUSED for a client that is not in
 * the roster or was removed, and for another weight than the roster's: the record does not name it. */
VEILSUM_API int32_t veilsum_aggregator_enrol(veilsum_aggregator* aggregator, const uint8_t* message,
                                             size_t size, veilsum_error* error);
/* Until the end: who is enrolled now, sorted by id, and (0 after a failure) how many. An array as long as the
 * roster is always long enough. */
VEILSUM_API int32_t veilsum_aggregator_enrolled(const veilsum_aggregator* aggregator,
                                                veilsum_roster_entry* out, size_t capacity, size_t* count,
                                                veilsum_error* error);
/* Between rounds: takes a client out, on the record if it is enrolled, and refuses its enrolment for the rest
 * of the session. VEILSUM_MISSING for a client that is not in the roster or was removed. */
VEILSUM_API int32_t veilsum_aggregator_remove(veilsum_aggregator* aggregator, const uint8_t* client,
                                              size_t client_size, veilsum_error* error);
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

/* A new client: 32 secret bytes, for the client to keep and the caller to wipe, and its id of 32 bytes, which
 * is public. */
VEILSUM_API int32_t veilsum_client_keys(uint8_t* seed, size_t seed_capacity, uint8_t* id, size_t id_capacity,
                                        veilsum_error* error);

/* What a client knows from elsewhere than the record: handed over as the head of this file says, never read
 * from the folder that it is compared with. */
typedef struct veilsum_expectation {
    uint8_t session[32];                /* veilsum_aggregator_session */
    uint8_t key[32];                    /* veilsum_ceremony_key */
    const veilsum_roster_entry* roster; /* this client and everybody whose updates may be in a sum with its */
    size_t roster_size;
    uint32_t minimum_cohort; /* fewest contributions that a round may open the sum of: 2 to roster_size */
} veilsum_expectation;

/* `seed`: of veilsum_client_keys. `outbox_folder` keeps what was sent, so that a client which is started
 * again does not send two contributions; NULL for one that is not started again. VEILSUM_WRONG_CONTEXT when
 * the record is of another session than `expected`, VEILSUM_WRONG_KEY when its session has another key,
 * VEILSUM_MISSING when this client is not in the roster, VEILSUM_BAD_PARAMETER for a minimum cohort out of
 * range. */
VEILSUM_API int32_t veilsum_client_create(const char* record_folder, const veilsum_expectation* expected,
                                          const uint8_t* seed, size_t seed_size, const char* outbox_folder,
                                          veilsum_client** out, veilsum_error* error);
VEILSUM_API void veilsum_client_free(veilsum_client* client);
/* The three that follow read what is new on the record, up to the checkpoint that the aggregator signed:
 * VEILSUM_BAD_SIGNATURE or VEILSUM_MISSING when there is none of it.
 *
 * This one: the message that takes part, with the weight of the roster. */
VEILSUM_API int32_t veilsum_client_enrol(veilsum_client* client, veilsum_bytes** message,
                                         veilsum_error* error);
/* The message that leaves. The aggregator takes it between rounds. */
VEILSUM_API int32_t veilsum_client_leave(veilsum_client* client, veilsum_bytes** message,
                                         veilsum_error* error);
/* Clips, quantises, encrypts, proves and signs. Again in the same round: the same message, whatever the
 * update, because the first may have been sent. Nothing is encrypted for a round with a smaller minimum
 * cohort than the expected one (VEILSUM_REFUSED), or with a client or a weight that is not in the roster
 * (VEILSUM_MISMATCH). */
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
