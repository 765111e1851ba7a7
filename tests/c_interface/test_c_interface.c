/* Every function of veilsum.h as a C program sees it: a session end to end, then what must be refused and
 * how. Usage: test_c_interface FOLDER, an empty folder to work in. */
#include "veilsum.h"

#include <gmp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 20, CLIENTS = 3, OPENS = 1000, CLOSES = 2000 };
/* Whom the roster lists: CLIENTS that take part, and one that is removed. Behind it comes a stranger. */
enum { LISTED = CLIENTS + 1, STRANGER = LISTED, KNOWN = LISTED + 1 };

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

static void* other_allocate(size_t size) {
    return malloc(size);
}

/* The functions of GMP's memory: set by the call, unless somebody else has set some. */
static void check_gmp_memory(void) {
    void* (*allocate)(size_t);
    void* (*own)(size_t);
    void (*release)(void*, size_t);
    void (*wiping)(void*, size_t);
    mp_get_memory_functions(&own, NULL, &release);
    mp_set_memory_functions(other_allocate, NULL, NULL);
    EXPECT(VEILSUM_REFUSED, veilsum_wipe_gmp_memory(&last));
    SAYS("another library");
    mp_get_memory_functions(&allocate, NULL, NULL);
    CHECK(allocate == other_allocate);
    mp_set_memory_functions(NULL, NULL, NULL);
    mp_get_memory_functions(&allocate, NULL, NULL);
    CHECK(allocate == own);
    EXPECT(VEILSUM_OK, veilsum_wipe_gmp_memory(&last));
    mp_get_memory_functions(NULL, NULL, &wiping);
    CHECK(wiping != release);
    EXPECT(VEILSUM_OK, veilsum_wipe_gmp_memory(&last));
    mp_get_memory_functions(NULL, NULL, &release);
    CHECK(wiping == release);
}

/* A small file, to be changed and put back. */
typedef struct {
    char data[4096];
    size_t size;
} content;

static content read_file(const char* path) {
    content file;
    FILE* from = fopen(path, "rb");
    CHECK(from != NULL);
    file.size = fread(file.data, 1, sizeof file.data, from);
    CHECK(file.size > 20 && file.size < sizeof file.data);
    CHECK(fclose(from) == 0);
    return file;
}
static void write_file(const char* path, const content* file) {
    FILE* to = fopen(path, "wb");
    CHECK(to != NULL);
    CHECK(fwrite(file->data, 1, file->size, to) == file->size);
    CHECK(fclose(to) == 0);
}

/* How the aggregator takes the message, which is freed. */
static void enrol(veilsum_aggregator* aggregator, veilsum_bytes* message, int32_t wanted) {
    EXPECT(wanted, veilsum_aggregator_enrol(aggregator, veilsum_bytes_data(message),
                                            veilsum_bytes_size(message), &last));
    veilsum_bytes_free(message);
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
    int64_t sums[VALUES + 1], plain[VALUES];
    uint64_t weight = 0;
    uint8_t session[32], seeds[KNOWN][32], *bad;
    veilsum_roster_entry roster[KNOWN], other_roster[KNOWN], enrolled[LISTED];
    veilsum_expectation expected;
    content checkpoint, before_the_round, changed;
    size_t i, j, size, count = 77;

    CHECK(argc == 2);
    CHECK(veilsum_interface_version() == VEILSUM_INTERFACE_VERSION);
    snprintf(keys, sizeof keys, "%s/keys", argv[1]);
    snprintf(record, sizeof record, "%s/record", argv[1]);
    check_gmp_memory();

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
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_ceremony_key(NULL, expected.key, 32, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_ceremony_key(keys, NULL, 32, &last));
    EXPECT(VEILSUM_IO, veilsum_ceremony_key(record, expected.key, 32, &last));
    EXPECT(VEILSUM_SHORT_BUFFER, veilsum_ceremony_key(keys, expected.key, 31, &last));
    EXPECT(VEILSUM_OK, veilsum_ceremony_key(keys, expected.key, 32, &last));

    /* Who may take part. */
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_keys(NULL, 32, roster[0].client, 32, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_keys(seeds[0], 32, NULL, 32, &last));
    memset(seeds[0], 77, 32);
    memset(roster[0].client, 77, 32);
    EXPECT(VEILSUM_SHORT_BUFFER, veilsum_client_keys(seeds[0], 31, roster[0].client, 32, &last));
    EXPECT(VEILSUM_SHORT_BUFFER, veilsum_client_keys(seeds[0], 32, roster[0].client, 31, &last));
    CHECK(seeds[0][0] == 77 && seeds[0][31] == 77 && roster[0].client[0] == 77); /* nothing was written */
    for (i = 0; i < KNOWN; ++i) {
        EXPECT(VEILSUM_OK, veilsum_client_keys(seeds[i], 32, roster[i].client, 32, &last));
        roster[i].weight = (uint32_t)(i + 1);
        CHECK(i == 0 || memcmp(seeds[i], seeds[i - 1], 32) != 0);
    }

    /* The aggregator. */
    EXPECT(VEILSUM_NULL_ARGUMENT,
           veilsum_aggregator_create(keys, record, "c.example/log", VALUES, roster, LISTED, NULL, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_create(NULL, record, "c.example/log", VALUES, roster,
                                                            LISTED, &aggregator, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_create(keys, NULL, "c.example/log", VALUES, roster,
                                                            LISTED, &aggregator, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT,
           veilsum_aggregator_create(keys, record, NULL, VALUES, roster, LISTED, &aggregator, &last));
    EXPECT(VEILSUM_IO, veilsum_aggregator_create(record, record, "c.example/log", VALUES, roster, LISTED,
                                                 &aggregator, &last));
    EXPECT(VEILSUM_OUT_OF_RANGE,
           veilsum_aggregator_create(keys, record, "c.example/log", 0, roster, LISTED, &aggregator, &last));
    EXPECT(VEILSUM_OUT_OF_RANGE, veilsum_aggregator_create(keys, record, "c.example/log", (size_t)-1, roster,
                                                           LISTED, &aggregator, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_create(keys, record, "c.example/log", VALUES, NULL,
                                                            LISTED, &aggregator, &last));
    SAYS("roster");
    EXPECT(VEILSUM_MISSING,
           veilsum_aggregator_create(keys, record, "c.example/log", VALUES, roster, 0, &aggregator, &last));
    EXPECT(VEILSUM_OUT_OF_RANGE, veilsum_aggregator_create(keys, record, "c.example/log", VALUES, roster,
                                                           (size_t)-1, &aggregator, &last));
    memcpy(other_roster, roster, sizeof roster);
    other_roster[1] = roster[0];
    EXPECT(VEILSUM_DUPLICATE, veilsum_aggregator_create(keys, record, "c.example/log", VALUES, other_roster,
                                                        LISTED, &aggregator, &last));
    memcpy(other_roster, roster, sizeof roster);
    other_roster[1].weight = 0;
    EXPECT(VEILSUM_OUT_OF_RANGE, veilsum_aggregator_create(keys, record, "c.example/log", VALUES,
                                                           other_roster, LISTED, &aggregator, &last));
    memset(other_roster[1].client, 0, 32);
    EXPECT(VEILSUM_MALFORMED, veilsum_aggregator_create(keys, record, "c.example/log", VALUES, other_roster,
                                                        LISTED, &aggregator, &last));
    SAYS("roster entry 1");
    /* Refused when the folder was made already: it must be gone, or the next call finds it. */
    EXPECT(VEILSUM_BAD_PARAMETER,
           veilsum_aggregator_create(keys, record, "c example", VALUES, roster, LISTED, &aggregator, &last));
    SAYS("origin");
    CHECK(aggregator == NULL);
    EXPECT(VEILSUM_OK, veilsum_aggregator_create(keys, record, "c.example/log", VALUES, roster, LISTED,
                                                 &aggregator, &last));
    EXPECT(VEILSUM_DUPLICATE,
           veilsum_aggregator_create(keys, record, "c.example/log", VALUES, roster, LISTED, &second, &last));
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

    /* What a client expects. */
    memcpy(expected.session, session, 32);
    expected.roster = roster;
    expected.roster_size = LISTED;
    expected.minimum_cohort = 2;
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_create(NULL, &expected, seeds[0], 32, NULL, &other, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_create(record, NULL, seeds[0], 32, NULL, &other, &last));
    SAYS("expected");
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_create(record, &expected, NULL, 32, NULL, &other, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_create(record, &expected, seeds[0], 32, NULL, NULL, &last));
    EXPECT(VEILSUM_MALFORMED, veilsum_client_create(record, &expected, seeds[0], 31, NULL, &other, &last));
    SAYS("seed");
    EXPECT(VEILSUM_MISSING, /* no record there */
           veilsum_client_create(keys, &expected, seeds[0], 32, NULL, &other, &last));
    expected.session[31] ^= 1;
    EXPECT(VEILSUM_WRONG_CONTEXT,
           veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    SAYS("session id is not the expected one");
    expected.session[31] ^= 1;
    expected.key[0] ^= 1;
    EXPECT(VEILSUM_WRONG_KEY, veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    SAYS("key id is not the expected one");
    expected.key[0] ^= 1;
    EXPECT(VEILSUM_MISSING,
           veilsum_client_create(record, &expected, seeds[STRANGER], 32, NULL, &other, &last));
    SAYS("this client in the roster");
    expected.minimum_cohort = 1;
    EXPECT(VEILSUM_BAD_PARAMETER,
           veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    SAYS("minimum cohort");
    expected.minimum_cohort = LISTED + 1;
    EXPECT(VEILSUM_BAD_PARAMETER,
           veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    expected.minimum_cohort = 2;
    expected.roster_size = (size_t)-1;
    EXPECT(VEILSUM_OUT_OF_RANGE, veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    expected.roster = NULL;
    EXPECT(VEILSUM_NULL_ARGUMENT,
           veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    SAYS("roster");
    expected.roster = roster;
    expected.roster_size = LISTED;
    CHECK(other == NULL);

    /* Clients enrol: those of the roster, with its weights. */
    for (i = 0; i < CLIENTS; ++i) {
        EXPECT(VEILSUM_OK, veilsum_client_create(record, &expected, seeds[i], 32,
                                                 i == 0 ? in(argv[1], "outbox") : NULL, &clients[i], &last));
        EXPECT(VEILSUM_OK, veilsum_client_enrol(clients[i], &message, &last));
        if (i == 0) {
            EXPECT(VEILSUM_MALFORMED, veilsum_aggregator_enrol(aggregator, veilsum_bytes_data(message),
                                                               veilsum_bytes_size(message) - 1, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_enrol(aggregator, NULL, 5, &last));
            EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_enrol(NULL, veilsum_bytes_data(message),
                                                                   veilsum_bytes_size(message), &last));
            EXPECT(VEILSUM_OK, veilsum_aggregator_enrolled(aggregator, enrolled, 0, &count, &last));
            CHECK(count == 0);
        }
        enrol(aggregator, message, VEILSUM_OK);
    }
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_enrol(NULL, &message, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_leave(NULL, &message, &last));
    CHECK(message == NULL);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_enrol(clients[0], NULL, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_client_leave(clients[0], NULL, &last));
    memcpy(other_roster, roster, sizeof roster);
    expected.roster = other_roster;
    expected.roster_size = KNOWN;
    EXPECT(VEILSUM_OK, veilsum_client_create(record, &expected, seeds[STRANGER], 32, NULL, &other, &last));
    EXPECT(VEILSUM_OK, veilsum_client_enrol(other, &message, &last));
    enrol(aggregator, message, VEILSUM_REFUSED);
    SAYS("client that is not in the roster");
    veilsum_client_free(other);
    other_roster[CLIENTS].weight = 0xffffffffU; /* no round could be opened */
    EXPECT(VEILSUM_OK, veilsum_client_create(record, &expected, seeds[CLIENTS], 32, NULL, &other, &last));
    EXPECT(VEILSUM_OK, veilsum_client_enrol(other, &message, &last));
    enrol(aggregator, message, VEILSUM_REFUSED);
    SAYS("weight that is not the roster's");
    EXPECT(VEILSUM_OK, veilsum_client_leave(other, &message, &last));
    enrol(aggregator, message, VEILSUM_MISSING); /* it was not there */
    veilsum_client_free(other);
    other = NULL;
    expected.roster = roster;
    expected.roster_size = LISTED;

    /* Who is there: sorted by id. One leaves and comes back. */
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_enrolled(NULL, enrolled, LISTED, &count, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_enrolled(aggregator, NULL, LISTED, &count, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_enrolled(aggregator, enrolled, LISTED, NULL, &last));
    EXPECT(VEILSUM_SHORT_BUFFER,
           veilsum_aggregator_enrolled(aggregator, enrolled, CLIENTS - 1, &count, &last));
    CHECK(count == 0);
    EXPECT(VEILSUM_OK, veilsum_aggregator_enrolled(aggregator, enrolled, LISTED, &count, &last));
    CHECK(count == CLIENTS);
    for (i = 0; i < count; ++i) {
        for (j = 0; memcmp(roster[j].client, enrolled[i].client, 32) != 0; ++j) CHECK(j < CLIENTS);
        CHECK(enrolled[i].weight == roster[j].weight);
        CHECK(i == 0 || memcmp(enrolled[i - 1].client, enrolled[i].client, 32) < 0);
    }
    EXPECT(VEILSUM_OK, veilsum_client_leave(clients[2], &message, &last));
    enrol(aggregator, message, VEILSUM_OK);
    EXPECT(VEILSUM_OK, veilsum_aggregator_enrolled(aggregator, enrolled, LISTED, &count, &last));
    CHECK(count == CLIENTS - 1);
    EXPECT(VEILSUM_OK, veilsum_client_enrol(clients[2], &message, &last));
    enrol(aggregator, message, VEILSUM_OK);

    /* One is taken out and does not come back. */
    EXPECT(VEILSUM_OK, veilsum_client_create(record, &expected, seeds[CLIENTS], 32, NULL, &other, &last));
    EXPECT(VEILSUM_OK, veilsum_client_enrol(other, &message, &last));
    enrol(aggregator, message, VEILSUM_OK);
    EXPECT(VEILSUM_OK, veilsum_aggregator_enrolled(aggregator, enrolled, LISTED, &count, &last));
    CHECK(count == LISTED);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_remove(NULL, roster[CLIENTS].client, 32, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_remove(aggregator, NULL, 32, &last));
    EXPECT(VEILSUM_MALFORMED, veilsum_aggregator_remove(aggregator, roster[CLIENTS].client, 31, &last));
    EXPECT(VEILSUM_MISSING, veilsum_aggregator_remove(aggregator, roster[STRANGER].client, 32, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_remove(aggregator, roster[CLIENTS].client, 32, &last));
    EXPECT(VEILSUM_MISSING, veilsum_aggregator_remove(aggregator, roster[CLIENTS].client, 32, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_enrolled(aggregator, enrolled, LISTED, &count, &last));
    CHECK(count == CLIENTS);
    EXPECT(VEILSUM_OK, veilsum_client_enrol(other, &message, &last));
    enrol(aggregator, message, VEILSUM_REFUSED);
    SAYS("client that is not in the roster");
    veilsum_client_free(other);
    other = NULL;

    /* Somebody else signed the checkpoint. */
    checkpoint = changed = read_file(in(record, "checkpoint"));
    changed.data[changed.size - 20] = changed.data[changed.size - 20] == 'A' ? 'B' : 'A';
    write_file(in(record, "checkpoint"), &changed);
    EXPECT(VEILSUM_BAD_SIGNATURE, veilsum_client_enrol(clients[0], &message, &last));
    CHECK(message == NULL);
    write_file(in(record, "checkpoint"), &checkpoint);
    EXPECT(VEILSUM_REFUSED, veilsum_client_contribute(clients[0], updates[0], VALUES, &message, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_client_confirm(clients[0], seeds[0], 32, &last));

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
    before_the_round = checkpoint;
    EXPECT(VEILSUM_OK, veilsum_aggregator_open_round(aggregator, &plan, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_remove(aggregator, roster[0].client, 32, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_enrolled(aggregator, enrolled, LISTED, &count, &last));
    CHECK(count == CLIENTS);
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_open_round(aggregator, &plan, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_end(aggregator, &last));

    memset(plain, 0, sizeof plain);
    for (i = 0; i < CLIENTS; ++i)
        for (j = 0; j < VALUES; ++j) {
            const int units = (int)(17 * i + 31 * j) % 1000 - 400; /* of 2^-12 */
            updates[i][j] = (float)units / 4096.0F;
            plain[j] += (int64_t)(i + 1) * units;
        }
    /* Records that are not signed yet are not followed. */
    checkpoint = read_file(in(record, "checkpoint"));
    write_file(in(record, "checkpoint"), &before_the_round);
    EXPECT(VEILSUM_REFUSED, veilsum_client_contribute(clients[0], updates[0], VALUES, &message, &last));
    SAYS("no round is open");
    write_file(in(record, "checkpoint"), &checkpoint);
    /* Nor is anything encrypted for a round with other clients or weights, or fewer, than were agreed on. */
    memcpy(other_roster, roster, sizeof roster);
    expected.roster = other_roster;
    expected.roster_size = CLIENTS - 1;
    EXPECT(VEILSUM_OK, veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    EXPECT(VEILSUM_MISMATCH, veilsum_client_contribute(other, updates[0], VALUES, &message, &last));
    SAYS("client or weight of the round");
    veilsum_client_free(other);
    expected.roster_size = LISTED;
    other_roster[1].weight = 7;
    EXPECT(VEILSUM_OK, veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    EXPECT(VEILSUM_MISMATCH, veilsum_client_contribute(other, updates[0], VALUES, &message, &last));
    SAYS("client or weight of the round");
    veilsum_client_free(other);
    expected.roster = roster;
    expected.minimum_cohort = 3;
    EXPECT(VEILSUM_OK, veilsum_client_create(record, &expected, seeds[0], 32, NULL, &other, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_client_contribute(other, updates[0], VALUES, &message, &last));
    SAYS("minimum cohort of the round");
    CHECK(message == NULL);
    veilsum_client_free(other);
    other = NULL;
    expected.minimum_cohort = 2;
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
    EXPECT(VEILSUM_OK,
           veilsum_client_create(record, &expected, seeds[0], 32, in(argv[1], "outbox"), &clients[0], &last));
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
    for (j = 0; j < VALUES; ++j) CHECK(sums[j] == plain[j]);
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_mean(NULL, mean, VALUES, &last));
    EXPECT(VEILSUM_NULL_ARGUMENT, veilsum_aggregator_mean(aggregator, NULL, VALUES, &last));
    EXPECT(VEILSUM_SHORT_BUFFER, veilsum_aggregator_mean(aggregator, mean, 0, &last));
    EXPECT(VEILSUM_OK, veilsum_aggregator_mean(aggregator, mean, VALUES, &last));
    for (j = 0; j < VALUES; ++j) CHECK(mean[j] == (float)((double)plain[j] / (4096.0 * 6.0)));

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
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_enrolled(aggregator, enrolled, LISTED, &count, &last));
    EXPECT(VEILSUM_REFUSED, veilsum_aggregator_remove(aggregator, roster[0].client, 32, &last));
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
