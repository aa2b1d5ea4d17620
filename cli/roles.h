/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_ROLES_H
#define CLI_ROLES_H

#include <signal.h>

#include "common/figures.h"
#include "common/hash.h"
#include "common/line.h"
#include "common/settings.h"
#include "common/status.h"
#include "common/store.h"
#include "sink/sink.h"
#include "ventilator/ventilator.h"

/* Each role as a process: its line, its store, its loop. Both the verbs and `winnow run` start them
 * here. */

struct roles_place {
    const char *bind;       /* ventilator, sink */
    const char *ventilator; /* worker */
    const char *sink;       /* ventilator, worker */
    const char *state;      /* directory of this role */
    const char *out;        /* sink */
    int distrusts_cache;    /* worker: begins a new one */
    int terminal;           /* stderr is one, and progress is wanted */
    int stays;              /* worker: at the end of a job, too */
    const volatile sig_atomic_t *stop;
    const char *metrics;     /* HOST:PORT; NULL: none */
    const char *keys;        /* directory; NULL: none */
    int32_t connect_timeout; /* seconds; 0: endless */
    const char *trace;       /* FILE; NULL: none */
    int number, starts;      /* of `winnow run`: which worker, and how often he was started */
};

int roles_ventilator(const struct settings *settings, const struct roles_place *place) MUST_USE;
int roles_worker(const struct roles_place *place) MUST_USE;
int roles_sink(const struct roles_place *place) MUST_USE;

/* What roles that serve (serving.h) have in common with these. Lines and jobs are filled in by whoever
 * asks. */
struct ventilator_settings roles_of_ventilator(const struct roles_place *place);
struct sink_settings roles_of_sink(const struct roles_place *place);
void roles_keep_memory(enum figures_role role);
int roles_reach(struct line *line, enum keys_role server, const char *endpoint,
                uint32_t *gate) MUST_USE;
int roles_open_sink_store(const char *directory, struct store **store) MUST_USE;

/* Processors this process may run on. */
int roles_cores(void);
/* A name or key drawn by chance. */
struct digest roles_draw(void);

/* The directories of the other roles below a common state: "STATE/sink", "STATE/worker-3". */
#define ROLES_PATH 4096
int roles_state(const char *state, const char *role, int number, char path[ROLES_PATH]) MUST_USE;
int roles_make_directory(const char *path) MUST_USE;

#endif
