/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/hash.h"
#include "common/line.h"
#include "common/status.h"

/* Letters: domain structs to and from the bytes of proto/winnow.proto. Only wire_*.c know
 * protobuf. A letter is an envelope part and the payload parts of its kind; docs/PROTOCOL.md says
 * who sends which when. Reading checks sizes, counts and ranges first and answers WIRE_E_MALFORMED for
 * anything a stranger could have made up; what it fills borrows from the arena until its reset. */

#define WIRE_PROTOCOL   1 /* another major version is refused with words */
#define WIRE_TEXT_LIMIT 1000

enum letter_kind {
    /* ventilator -> worker */
    LETTER_WELCOME = 2, /* text: the cache to turn to; parts: Welcome */
    LETTER_PLAN = 3,    /* parts: Plan */
    LETTER_LEASE = 4,   /* parts: Lease */
    LETTER_DATA = 5,    /* code 1 Rows, 2 Attributes; parts: one of these */
    LETTER_MODEL = 6,   /* digest; parts: Model, Groups... */
    LETTER_CANCEL = 7,  /* stage, shard, attempt */
    LETTER_CLOSE = 9,   /* the job is over; code: enum close_code */
    LETTER_PROBE = 10,  /* is the connection alive */
    /* both servers */
    LETTER_REHELLO = 8,
    LETTER_REFUSED = 38, /* code: exit code, text */
    /* worker -> ventilator */
    LETTER_HELLO = 1,    /* to the sink, and from the ventilator to it, too; parts: Hello;
                            of a worker, text: the cache that it tells of */
    LETTER_BEAT = 11,    /* parts: Beat */
    LETTER_RELEASE = 12, /* stage, shard, attempt; code: enum release_reason */
    LETTER_FAIL = 13,    /* stage, shard, attempt; code: exit code; text */
    LETTER_BYE = 14,
    /* worker <-> sink */
    LETTER_RESULT =
        21,          /* stage, shard, attempt; digest; parts: Work, then Digest... or Scores... */
    LETTER_ACK = 22, /* stage, shard, attempt; code: enum ack_code */
    /* ventilator <-> sink */
    LETTER_JOB = 31,     /* parts: Job, model.json, groups.csv */
    LETTER_DONESET = 32, /* boot, sequence; parts: DoneSet */
    LETTER_RESYNC = 33,
    LETTER_DONE = 34,         /* boot, sequence; parts: Keys */
    LETTER_STAGE_RESULT = 35, /* digest; parts: Model, Groups... */
    LETTER_SEAL = 36,         /* parts: Seal, manifest members, rejects.csv..., rejects.raw... */
    LETTER_SEALED = 37,       /* code: exit code; text */
    /* client <-> serving ventilator; the answer has the question's sequence */
    LETTER_SUBMIT = 41,   /* parts: Order */
    LETTER_ASK = 42,      /* text: a job's id, or empty: of all */
    LETTER_WITHDRAW = 43, /* text: a job's id */
    LETTER_ENTRIES = 44,  /* parts: Entries */
    LETTER_FETCH = 45,    /* parts: Wish; handed on to the sink, boot: who asks */
    LETTER_PIECE = 46,    /* parts: Piece; handed back likewise */
    /* serving ventilator <-> serving sink */
    LETTER_OPEN = 47,   /* parts: Opening */
    LETTER_OPENED = 48, /* text: the job's id; code: enum opened_code */
    LETTER_SHUT = 49    /* text: the job's id; code: enum shut_code */
};
#define LETTER_LAST LETTER_SHUT

enum release_reason {
    RELEASE_DRAINING = 1, /* and no other lease is wanted */
    RELEASE_NO_BLOCK,     /* the cache does not hold what the lease says it does */
    RELEASE_NO_PLAN,
    RELEASE_NO_MODEL,
    RELEASE_BUSY, /* more frames came for it than can wait */
    RELEASE_DIED  /* the process before died of it, by a fault of its own */
};
/* Of JOB: 0, or that SEAL has been said for it: if it is sealed, the sink should say so. */
enum job_code { JOB_SEALING = 1 };
enum ack_code { ACK_COMMITTED = 1, ACK_DUPLICATE, ACK_CONFLICT, ACK_REFUSED };
/* Of CLOSE: the job is over, and whether that ends the worker. */
enum close_code { CLOSE_LEAVE, CLOSE_STAY };
/* Whether there is a result already, by a process before. */
enum opened_code { OPENED_AT_IT, OPENED_PUBLISHED };
/* Whether the sink's state of the job is wanted again. */
enum shut_code { SHUT_KEEP, SHUT_FORGET };
enum data_code { DATA_ROWS = 1, DATA_ATTRIBUTES };

struct letter {
    enum letter_kind kind;
    struct digest job;
    uint32_t stage, shard, attempt;
    uint64_t sequence, boot;
    int32_t code;
    struct digest digest;
    char text[WIRE_TEXT_LIMIT + 1];
};

enum { WIRE_E_MALFORMED = 1, WIRE_E_VERSION };

/* The envelope, as the first part of an empty parcel. STATUS_BUG without memory. */
int wire_letter_put(const struct letter *letter, struct parcel *parcel) MUST_USE;
/* Reads the envelope of part 0. */
int wire_letter_read(const struct parcel *parcel, struct letter *letter) MUST_USE;

/* Payloads are in the headers of their nouns: wire_hello.h, wire_lease.h, wire_done.h, wire_job.h,
 * wire_rows.h, wire_digest.h, wire_scores.h. Each put appends a payload part; each read reads payload
 * part i (>= 1). */

/* XXH3-128 of the bytes of parts from..n, one after the other. */
struct digest wire_digest(const struct parcel *parcel, size_t from);

/* A part of bytes as they are (JSON, rejects), copied. */
int wire_bytes_put(struct slice bytes, struct parcel *parcel) MUST_USE;

#endif
