/* Every function of veilsum.h as a C program sees it: a session end to end, then what must be refused and
 * how. Usage: test_c_interface FOLDER, an empty folder to work in. */
#include "veilsum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 20, CLIENTS = 3, OPENS = 1000, CLOSES = 2000 };

static veilsum_error last;

static void stop(int line, const char* what) {
    fprintf(stderr, "line %d: %s; last error %d (check %u): %s\n", line, what, (int)last.code,
            (unsigned)last.check, last.message);
    exit(1);
}
#define CHECK(condition) ((condition) ? (void)0 : stop(__LINE__, #condition))
/* The call must end with `wanted`, say so in the error, and say why. */
#define EXPECT(wanted, call)                                                                                 \
    do {                                                                                                     \
        memset(&last, 0x55, sizeof last);                                                                    \
        CHECK((call) == (wanted));                                                                           \
        CHECK(last.code == (wanted));                                                                        \
        CHECK(memchr(last.message, 0, sizeof last.message) != NULL);                                         \
        CHECK(((wanted) == VEILSUM_OK) == (last.message[0] == '\0'));                                        \
    } while (0)
#define SAYS(text) CHECK(strstr(last.message, (text)) != NULL)

static char names[8][4096];

/* FOLDER/name, in one of eight buffers. */
static const char* in(const char* folder, const char* name) {
    static int next = 0;
    char* text = names[next++ % 8];
    snprintf(text, sizeof names[0], "%s/%s", folder, name);
    return text;
}

int main(int argc, char** argv) {
    char keys[4096], record[4096];
    veilsum_aggregator* aggregator = NULL;
    veilsum_aggregator* second = NULL;
    veilsum_client* clients[CLIENTS];
    veilsum_client* other = NULL;
    veilsum_trustee* trustees[2];
    veilsum_trustee* stranger = NULL;
    veilsum_bytes* message = NULL;
    veilsum_bytes* again = NULL;
    veilsum_bytes* receipt = NULL;
    veilsum_bytes* first_receipt = NULL;
    veilsum_round_plan plan = {12, 16, 4.0, 2, OPENS, CLOSES};
    float updates[CLIENTS][VALUES], mean[VALUES + 1];
    int64_t sums[VALUES + 1], expected[VALUES];
    uint64_t weight = 0;
    uint8_t session[32], seed[32], *bad;
    size_t i, j, size;

    CHECK(argc == 2);
    CHECK(veilsum_interface_version() == VEILSUM_INTERFACE_VERSION);
    snprintf(keys, sizeof keys, "%s/keys", argv[1]);
    snprintf(record, sizeof record, "%s/record", argv[1]);

    /* What there is to free of nothing. */
    veilsum_bytes_free(NULL);
    veilsum_aggregator_free(NULL);
    veilsum_client_free(NULL);
    veilsum_trustee_free(NULL);
    CHECK(veilsum_bytes_data(NULL) == NULL && veilsum_bytes_size(NULL) == 0);

    /* The ceremony. */
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_deal(NULL, 2048, 2, 3, &last));
    SAYS("folder");
    EXPECT(VEILSUM_UNSUPPORTED, veilsum_deal(keys, 1024, 2, 3, &last));
    SAYS("1024 bits");
    EXPECT(VEILSUM_BAD_PARAMETER, veilsum_deal(keys, 2048, 4, 3, &last));
    EXPECT(VEILSUM_BAD_PARAMETER, veilsum_deal(keys, 2048, 2, 4, &last));
    SAYS("majority");
    CHECK(veilsum_deal(keys, 2048, 2, 4, NULL) == VEILSUM_BAD_PARAMETER); /* without an error to fill */
    EXPECT(VEILSUM_OK, veilsum_deal(keys, 2048, 2, 3, &last));
    EXPECT(VEILSUM_DUPLICATE, veilsum_deal(keys, 2048, 2, 3, &last));

    /* The aggregator. */
    EXPECT(VEILSUM_NULL_ARGUMENT,
           veilsum_aggregator_create(keys, record, "c.example/log", VALUES, NULL, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT,
           veilsum_aggregator_create(NULL, record, "c.example/log", VALUES, &aggregator, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT,
           veilsum_aggregator_create(keys, NULL, "c.example/log", VALUES, &aggregator, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_create(keys, record, NULL, VALUES, &aggregator, &last));
    EXPECT(VEILSUM_IO,
           veilsum_aggregator_create(record, record, "c.example/log", VALUES, &aggregator, &last));
    EXPECT(VEILSUM_OUT_OF_RANGE,
           veilsum_aggregator_create(keys, record, "c.example/log", 0, &aggregator, &last));
    EXPECT(VEILSUM_OUT_OF_RANGE,
           veilsum_aggregator_create(keys, record, "c.example/log", (size_t)-1, &aggregator, &last));
    CHECK(aggregator == NULL);
    EXPECT(VEILSUM_OK, veilsum_aggregator_create(keys, record, "c.example/log", VALUES, &aggregator, &last));
    EXPECT(VEILSUM_DUPLICATE,
           veilsum_aggregator_create(keys, record, "c.example/log", VALUES, &second, &last));
    CHECK(second == NULL);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_session(NULL, session, 32, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_session(aggregator, NULL, 32, &last));
    EXPECT(VEILSUM_SHORT_BUFFER, veilsum_aggregator_session(aggregator, session, 31, &last));
    SAYS("32 elements");
    EXPECT(VEILSUM_OK, veilsum_aggregator_session(aggregator, session, 32, &last));

    /* Too early for all of these. */
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_receive(aggregator, session, 32, OPENS, &receipt, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_close(aggregator, CLOSES, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_receive_partial(aggregator, session, 32, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_finish(aggregator, &last));
    EXPECT(VEILSUM_MISSING, veilsum_aggregator_sums(aggregator, sums, VALUES, &weight, &last));
    EXPECT(VEILSUM_MISSING, veilsum_aggregator_mean(aggregator, mean, VALUES, &last));
    EXPECT(VEILSUM_MISSING, veilsum_aggregator_open_round(aggregator, &plan, &last)); /* nobody is enrolled */

    /* Clients. */
    memset(seed, 7, sizeof seed);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_create(NULL, NULL, 0, NULL, &other, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_create(record, NULL, 0, NULL, NULL, &last));
    EXPECT(VEILSUM_MALFORMED, veilsum_client_create(record, seed, 31, NULL, &other, &last));
    EXPECT(VEILSUM_MISSING, veilsum_client_create(keys, NULL, 0, NULL, &other, &last)); /* no record there */
    CHECK(other == NULL);
    for (i = 0; i < CLIENTS; ++i) {
        EXPECT(VEILSUM_OK, veilsum_client_create(record, i == 0 ? seed : NULL, 32,
                                                 i == 0 ? in(argv[1], "outbox") : NULL, &clients[i], &last));
        EXPECT(VEILSUM_OK, veilsum_client_enrol(clients[i], (uint32_t)(i + 1), &message, &last));
        if (i == 0) {
            EXPECT(VEILSUM_MALFORMED, veilsum_aggregator_enrol(aggregator, veilsum_bytes_data(message),
                                                               veilsum_bytes_size(message) - 1, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_enrol(aggregator, NULL, 5, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_enrol(NULL, veilsum_bytes_data(message),
                                                                   veilsum_bytes_size(message), &last));
        }
        EXPECT(VEILSUM_OK, veilsum_aggregator_enrol(aggregator, veilsum_bytes_data(message),
                                                    veilsum_bytes_size(message), &last));
        veilsum_bytes_free(message);
    }
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_enrol(NULL, 1, &message, &last));
    CHECK(message == NULL);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_enrol(clients[0], 1, NULL, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_client_contribute(clients[0], updates[0], VALUES, &message, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_client_confirm(clients[0], seed, 32, &last));

    /* The round. */
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_open_round(NULL, &plan, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_open_round(aggregator, NULL, &last));
    plan.clip_l2 = 1e9;
    EXPECT(VEILSUM_BAD_PARAMETER, veilsum_aggregator_open_round(aggregator, &plan, &last));
    CHECK(last.check == 4);
    plan.clip_l2 = 4.0;
    plan.minimum_cohort = 1;
    EXPECT(VEILSUM_BAD_PARAMETER, veilsum_aggregator_open_round(aggregator, &plan, &last));
    CHECK(last.check == 9);
    plan.minimum_cohort = 2;
    EXPECT(VEILSUM_OK, veilsum_aggregator_open_round(aggregator, &plan, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_open_round(aggregator, &plan, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_end(aggregator, &last));

    memset(expected, 0, sizeof expected);
    for (i = 0; i < CLIENTS; ++i)
        for (j = 0; j < VALUES; ++j) {
            const int units = (int)(17 * i + 31 * j) % 1000 - 400; /* of 2^-12 */
            updates[i][j] = (float)units / 4096.0F;
            expected[j] += (int64_t)(i + 1) * units;
        }
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_contribute(NULL, updates[0], VALUES, &message, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_contribute(clients[0], NULL, VALUES, &message, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_contribute(clients[0], updates[0], VALUES, NULL, &last));
    EXPECT(VEILSUM_MISMATCH, veilsum_client_contribute(clients[0], updates[0], VALUES - 1, &message, &last));
    EXPECT(VEILSUM_MISMATCH, veilsum_client_contribute(clients[0], updates[0], 0, &message, &last));
    CHECK(message == NULL);

    for (i = 0; i < CLIENTS; ++i) {
        EXPECT(VEILSUM_OK, veilsum_client_contribute(clients[i], updates[i], VALUES, &message, &last));
        size = veilsum_bytes_size(message);
        if (i == 0) {
            /* Again: the same bytes. */
            EXPECT(VEILSUM_OK, veilsum_client_contribute(clients[0], updates[1], VALUES, &again, &last));
            CHECK(veilsum_bytes_size(again) == size);
            CHECK(memcmp(veilsum_bytes_data(again), veilsum_bytes_data(message), size) == 0);
            veilsum_bytes_free(again);
            /* A byte of the body is changed on the way, a byte is missing, the hour is over. */
            bad = (uint8_t*)malloc(size);
            CHECK(bad != NULL);
            memcpy(bad, veilsum_bytes_data(message), size);
            bad[size - 1] ^= 1;
            EXPECT(VEILSUM_MISMATCH,
                   veilsum_aggregator_receive(aggregator, bad, size, OPENS + 1, &receipt, &last));
            CHECK(last.check == 6 && receipt == NULL);
            bad[size - 1] ^= 1;
            EXPECT(VEILSUM_MALFORMED,
                   veilsum_aggregator_receive(aggregator, bad, size - 1, OPENS + 1, &receipt, &last));
            EXPECT(VEILSUM_MALFORMED,
                   veilsum_aggregator_receive(aggregator, bad, 0, OPENS + 1, &receipt, &last));
            free(bad);
            EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_receive(NULL, veilsum_bytes_data(message), size,
                                                                     OPENS, &receipt, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT,
                   veilsum_aggregator_receive(aggregator, NULL, size, OPENS, &receipt, &last));
        }
        if (i == 2) { /* without a receipt */
            EXPECT(VEILSUM_OK, veilsum_aggregator_receive(aggregator, veilsum_bytes_data(message), size,
                                                          OPENS + 2, NULL, &last));
            veilsum_bytes_free(message);
            continue;
        }
        EXPECT(VEILSUM_OK, veilsum_aggregator_receive(aggregator, veilsum_bytes_data(message), size,
                                                      OPENS + 2, &receipt, &last));
        EXPECT(VEILSUM_OK, veilsum_client_confirm(clients[i], veilsum_bytes_data(receipt),
                                                  veilsum_bytes_size(receipt), &last));
        if (i == 0) {
            first_receipt = receipt;
            EXPECT(VEILSUM_REFUSED,
                   veilsum_aggregator_close(aggregator, OPENS + 3, &last)); /* others are silent */
        } else {
            /* Somebody else's receipt, half a receipt. */
            EXPECT(VEILSUM_MISMATCH, veilsum_client_confirm(clients[i], veilsum_bytes_data(first_receipt),
                                                            veilsum_bytes_size(first_receipt), &last));
            CHECK(last.check == 4);
            EXPECT(VEILSUM_MALFORMED, veilsum_client_confirm(clients[i], veilsum_bytes_data(receipt),
                                                             veilsum_bytes_size(receipt) / 2, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_confirm(clients[i], NULL, 1, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT,
                   veilsum_client_confirm(NULL, veilsum_bytes_data(receipt), 1, &last));
            veilsum_bytes_free(receipt);
        }
        veilsum_bytes_free(message);
    }
    veilsum_bytes_free(first_receipt);

    /* The first client is started again: its outbox has what it sent. */
    veilsum_client_free(clients[0]);
    EXPECT(VEILSUM_OK, veilsum_client_create(record, seed, 32, in(argv[1], "outbox"), &clients[0], &last));
    EXPECT(VEILSUM_OK, veilsum_client_contribute(clients[0], updates[2], VALUES, &message, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_receive(aggregator, veilsum_bytes_data(message),
                                                  veilsum_bytes_size(message), OPENS + 4, &receipt, &last));
    EXPECT(VEILSUM_OK, veilsum_client_confirm(clients[0], veilsum_bytes_data(receipt),
                                              veilsum_bytes_size(receipt), &last));
    veilsum_bytes_free(message);
    veilsum_bytes_free(receipt);

    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_close(NULL, OPENS + 5, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_close(aggregator, OPENS + 5, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_client_contribute(clients[0], updates[0], VALUES, &message, &last));

    /* Trustees. */
    EXPECT(VEILSUM_NULL_ARGUMENT,
           veilsum_trustee_create(NULL, 1, record, in(argv[1], "j"), &stranger, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_trustee_create(keys, 1, NULL, in(argv[1], "j"), &stranger, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_trustee_create(keys, 1, record, NULL, &stranger, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_trustee_create(keys, 1, record, in(argv[1], "j"), NULL, &last));
    EXPECT(VEILSUM_IO, veilsum_trustee_create(keys, 0, record, in(argv[1], "j"), &stranger, &last));
    EXPECT(VEILSUM_IO, veilsum_trustee_create(keys, 4, record, in(argv[1], "j"), &stranger, &last));
    CHECK(stranger == NULL);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_trustee_answer(NULL, &message, &last));
    EXPECT(VEILSUM_MISSING, veilsum_aggregator_finish(aggregator, &last)); /* no quorum yet */
    for (i = 0; i < 2; ++i) {
        EXPECT(VEILSUM_OK,
               veilsum_trustee_create(keys, (uint32_t)(2 * i + 1), record,
                                      in(argv[1], i == 0 ? "journal-1" : "journal-3"), &trustees[i], &last));
        EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_trustee_answer(trustees[i], NULL, &last));
        EXPECT(VEILSUM_OK, veilsum_trustee_answer(trustees[i], &message, &last));
        size = veilsum_bytes_size(message);
        if (i == 0) {
            EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_receive_partial(aggregator, NULL, size, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT,
                   veilsum_aggregator_receive_partial(NULL, veilsum_bytes_data(message), size, &last));
            EXPECT(VEILSUM_MALFORMED, veilsum_aggregator_receive_partial(
                                          aggregator, veilsum_bytes_data(message), size - 1, &last));
        }
        EXPECT(VEILSUM_OK,
               veilsum_aggregator_receive_partial(aggregator, veilsum_bytes_data(message), size, &last));
        EXPECT(VEILSUM_OK, /* the same again changes nothing */
               veilsum_aggregator_receive_partial(aggregator, veilsum_bytes_data(message), size, &last));
        veilsum_bytes_free(message);
    }

    /* The result. */
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_finish(NULL, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_finish(aggregator, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_finish(aggregator, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_sums(NULL, sums, VALUES, NULL, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_sums(aggregator, NULL, VALUES, NULL, &last));
    sums[0] = -77;
    EXPECT(VEILSUM_SHORT_BUFFER, veilsum_aggregator_sums(aggregator, sums, VALUES - 1, &weight, &last));
    SAYS("20 elements");
    CHECK(sums[0] == -77 && weight == 0); /* nothing was written */
    sums[VALUES] = -77;
    EXPECT(VEILSUM_OK, veilsum_aggregator_sums(aggregator, sums, VALUES + 1, &weight, &last));
    CHECK(sums[VALUES] == -77 && weight == 6);
    for (j = 0; j < VALUES; ++j) CHECK(sums[j] == expected[j]);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_mean(NULL, mean, VALUES, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_mean(aggregator, NULL, VALUES, &last));
    EXPECT(VEILSUM_SHORT_BUFFER, veilsum_aggregator_mean(aggregator, mean, 0, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_mean(aggregator, mean, VALUES, &last));
    for (j = 0; j < VALUES; ++j) CHECK(mean[j] == (float)((double)expected[j] / (4096.0 * 6.0)));

    /* A second round, in which too few contribute: no result, and the first one's stays. */
    plan.opens_at = CLOSES + 1;
    plan.closes_at = CLOSES + 2;
    EXPECT(VEILSUM_OK, veilsum_aggregator_open_round(aggregator, &plan, &last));
    EXPECT(VEILSUM_MISSING, veilsum_aggregator_close(aggregator, CLOSES + 3, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_sums(aggregator, sums, VALUES, NULL, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_trustee_answer(trustees[0], &message, &last));
    CHECK(message == NULL);

    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_end(NULL, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_end(aggregator, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_end(aggregator, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_open_round(aggregator, &plan, &last));

    /* Anybody. */
    EXPECT(VEILSUM_OK, veilsum_audit(record, session, 32, &last));
    EXPECT(VEILSUM_OK, veilsum_audit(record, NULL, 0, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_audit(NULL, NULL, 0, &last));
    EXPECT(VEILSUM_MALFORMED, veilsum_audit(record, session, 31, &last));
    session[0] ^= 1;
    EXPECT(VEILSUM_WRONG_CONTEXT, veilsum_audit(record, session, 32, &last));
    SAYS("audit step 3");

    for (i = 0; i < CLIENTS; ++i) veilsum_client_free(clients[i]);
    for (i = 0; i < 2; ++i) veilsum_trustee_free(trustees[i]);
    veilsum_aggregator_free(aggregator);
    puts("all calls did what veilsum.h says");
    return 0;
}
