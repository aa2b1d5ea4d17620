/* SPDX-License-Identifier: Apache-2.0 */
/* Where, with how many, and who talks to whom. */
#include <string.h>

#include "cli/decimal.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "common/address.h"

#define SHARDS_MOST 65536

static int read_shards(struct options *options, const struct flag_given *given)
{
    int64_t shards;
    if (decimal_read_within(given->text, 0, 1, SHARDS_MOST, &shards) || (shards & (shards - 1)))
        return flags_refuse(given, "N is a power of two from 1 to %d", SHARDS_MOST);
    options->settings.running.shards = (uint32_t)shards;
    return 0;
}

int flags_take_endpoint(const char **place, const struct flag_given *given)
{
    const char *address = given->text + 6;
    int tcp = strncmp(given->text, "tcp://", 6) == 0 && strchr(address, ':');
    int ipc = strncmp(given->text, "ipc://", 6) == 0 && *address;
    if (!tcp && !ipc)
        return flags_refuse(given, "wants tcp://host:port or ipc://path");
    *place = given->text;
    return 0;
}

static int read_bind(struct options *options, const struct flag_given *given)
{
    return flags_take_endpoint(&options->settings.running.bind, given);
}

static int read_sink(struct options *options, const struct flag_given *given)
{
    return flags_take_endpoint(&options->settings.running.sink, given);
}

static int read_ventilator(struct options *options, const struct flag_given *given)
{
    return flags_take_endpoint(&options->settings.running.ventilator, given);
}

static int read_metrics(struct options *options, const struct flag_given *given)
{
    if (!address_sound(given->text))
        return flags_refuse(given, "wants HOST:PORT; :9100 listens on every address");
    options->settings.running.metrics = given->text;
    return 0;
}

#define RUNNING(field) settings.running.field
#define SERVERS        (FLAG_OF(VERB_VENTILATOR) | FLAG_OF(VERB_SINK))
#define LOGGING        (FLAG_OF_JOBS | FLAG_OF(VERB_EXPLAIN))

static const struct flag rows[] = {
    {"out", "DIR", "winnow-out", FLAG_OF(VERB_RUN) | FLAG_OF(VERB_SINK), FLAGS_OUTPUT,
     "where the results go; an earlier DIR of winnow's is moved to DIR.prev",
     FLAG_AS_TEXT(RUNNING(out))},
    {"out", "DIR", "winnow-backtest", FLAG_OF(VERB_BACKTEST), FLAGS_OUTPUT,
     "where the results go; an earlier DIR of winnow's is moved to DIR.prev",
     FLAG_AS_TEXT(RUNNING(out))},
    {"run", "DIR", "winnow-out", FLAG_OF(VERB_EXPLAIN), FLAGS_OUTPUT,
     "the results of the run to explain", FLAG_AS_TEXT(run)},
    {"bind", "ENDPOINT", "", SERVERS, FLAGS_RUNNING,
     "where to listen: tcp://host:port or ipc://path", FLAG_AS_OWN(read_bind)},
    {"ventilator", "ENDPOINT", "", FLAG_OF(VERB_WORKER), FLAGS_RUNNING,
     "where the ventilator listens", FLAG_AS_OWN(read_ventilator)},
    {"sink", "ENDPOINT", "", FLAG_OF(VERB_VENTILATOR) | FLAG_OF(VERB_WORKER), FLAGS_RUNNING,
     "where the sink listens", FLAG_AS_OWN(read_sink)},
    {"insecure", NULL, "", SERVERS, FLAGS_RUNNING,
     "let --bind listen to other machines without keys", FLAG_AS_SWITCH(RUNNING(insecure))},
    {"keys", "DIR", "", FLAG_OF_ROLES | FLAG_OF_CLIENTS, FLAGS_RUNNING,
     "this role's keys, as winnow keygen makes them; tcp is then encrypted and closed to others",
     FLAG_AS_TEXT(RUNNING(keys))},
    {"connect-timeout", "SECONDS", "endless", FLAG_OF(VERB_VENTILATOR) | FLAG_OF(VERB_WORKER),
     FLAGS_RUNNING, "leave with 69 when a server on tcp is out of reach for so long",
     FLAG_AS_COUNT(RUNNING(connect_timeout), 1, 86400)},
    {"worker", "NAME", "", FLAG_OF(VERB_KEYGEN), FLAGS_RUNNING,
     "one more key pair, for a worker of this name", FLAG_AS_TEXT(worker_name)},
    {"client", "NAME", "", FLAG_OF(VERB_KEYGEN), FLAGS_RUNNING,
     "one more key pair, for somebody who submits jobs", FLAG_AS_TEXT(client_name)},
    {"metrics", "HOST:PORT", "", FLAG_OF_ROLES, FLAGS_RUNNING,
     "serve figures over HTTP: /metrics, /healthz, /readyz", FLAG_AS_OWN(read_metrics)},
    {"workers", "N", "one a core", FLAG_OF_RUNNERS, FLAGS_RUNNING, "worker processes, 1 to 1024",
     FLAG_AS_COUNT(RUNNING(workers), 1, 1024)},
    {"shards", "N", "from the input's size", FLAG_OF_SCORERS, FLAGS_RUNNING,
     "parts the customers are dealt in, a power of two; results do not depend on it",
     FLAG_AS_OWN(read_shards)},
    {"state", "DIR", "OUT.state-PID, removed at the end", FLAG_OF_RUNNERS | FLAG_OF_ROLES,
     FLAGS_RUNNING, "spool, caches and the sink's store; given, it is kept for the next run",
     FLAG_AS_TEXT(RUNNING(state))},
    {"replay", "FILE", "", FLAG_OF(VERB_WORKER), FLAGS_RUNNING,
     "work alone on the shard that workers have died of, as the ventilator kept it",
     FLAG_AS_TEXT(replay)},
    {"restart", NULL, "", FLAG_OF_RUNNERS | SERVERS, FLAGS_RUNNING,
     "forget what the sink has in --state: an unfinished job of other inputs or flags, and what it "
     "keeps of the last one",
     FLAG_AS_SWITCH(RUNNING(restart))},
    {"trace", "FILE", "", FLAG_OF_RUNNERS | FLAG_OF_ROLES, FLAGS_RUNNING,
     "write what every role did when, for chrome://tracing or Perfetto",
     FLAG_AS_TEXT(RUNNING(trace))},
    {"log-format", "text|json", "text", LOGGING, FLAGS_RUNNING, "form of the log on stderr",
     FLAG_AS_CHOICE(RUNNING(log_format), LOG_TEXT)},
    {"help", NULL, "", FLAG_OF_ALL, FLAGS_GENERAL, "show this and stop", FLAG_AS_SWITCH(help)},
};

struct flags_piece flags_running(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
