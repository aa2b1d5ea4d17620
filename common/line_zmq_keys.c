/* SPDX-License-Identifier: Apache-2.0 */
/* czmq's zauth answers at the door, from the same files; but a key that is taken out of them does not cut a
 * connection that is open, and zauth does not say whose key it let in. So the table of trusted keys is
 * kept here too, looked at anew each second, and asked on every letter. */
#include "common/line_zmq.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/endpoint.h"

#define KEY_TEXT     41 /* Z85, with its NUL */
#define PATH_BYTES   4096
#define LOOK_MS      1000
#define TRUSTED_MOST 4096
#define ROUTES       8192 /* a power of two, above the workers there may be */
#define SELF_TEST_MS 5000

static const char *const role_names[] = {[KEYS_VENTILATOR] = "ventilator",
                                         [KEYS_WORKER] = "worker",
                                         [KEYS_SINK] = "sink",
                                         [KEYS_CLIENT] = "client"};

struct trusted {
    char key[KEY_TEXT];
    enum keys_role role;
};

/* Who is behind a connection of a ROUTER's. */
struct visitor {
    uint32_t route;
    char key[KEY_TEXT];
};

struct keys {
    char directory[PATH_BYTES];
    zcert_t *identity;
    zactor_t *zauth;
    struct trusted *trusted;
    size_t n_trusted;
    int64_t look_ms; /* at trusted/ again */
    struct visitor *visitor;
};

static int path_of(char path[PATH_BYTES], const char *directory, const char *name)
{
    if (snprintf(path, PATH_BYTES, "%s/%s", directory, name) >= PATH_BYTES)
        return log_fail(STATUS_CONFIG, "%s/%s: too long a name", directory, name);
    return 0;
}

/* ---- reading ---- */

/* Whether nobody else can read it; said when not. */
static int is_private(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return log_fail(STATUS_CONFIG, "no key at %s: %s; winnow keygen makes them", path,
                        strerror(errno));
    if (info.st_mode & 077)
        return log_fail(STATUS_DENIED, "%s can be read by others; chmod 600 %s", path, path);
    return 0;
}

static enum keys_role role_of(zcert_t *cert)
{
    const char *name = zcert_meta(cert, "role");
    for (enum keys_role role = KEYS_VENTILATOR; name && role <= KEYS_CLIENT; role++)
        if (strcmp(name, role_names[role]) == 0)
            return role;
    return KEYS_NOBODY;
}

static void trusted_add(struct keys *keys, const char *path)
{
    zcert_t *cert = zcert_load(path);
    if (!cert) {
        log_say(LOG_WARN, "%s is no key; passed over", path);
        return;
    }
    struct trusted *entry = &keys->trusted[keys->n_trusted++];
    snprintf(entry->key, sizeof entry->key, "%s", zcert_public_txt(cert));
    entry->role = role_of(cert);
    zcert_destroy(&cert);
}

/* A directory of some keys is read in less time than it takes to find out whether it has changed. */
static void trusted_read(struct keys *keys)
{
    char directory[PATH_BYTES], path[PATH_BYTES];
    struct dirent *entry;
    keys->n_trusted = 0;
    DIR *dir = path_of(directory, keys->directory, "trusted") ? NULL : opendir(directory);
    while (dir && (entry = readdir(dir)) && keys->n_trusted < TRUSTED_MOST)
        if (entry->d_name[0] != '.' && path_of(path, directory, entry->d_name) == 0)
            trusted_add(keys, path);
    if (dir)
        closedir(dir);
}

static enum keys_role trusted_role(struct keys *keys, const char *key)
{
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms >= keys->look_ms) {
        keys->look_ms = now_ms + LOOK_MS;
        trusted_read(keys);
    }
    for (size_t i = 0; i < keys->n_trusted; i++)
        if (strcmp(keys->trusted[i].key, key) == 0)
            return keys->trusted[i].role;
    return KEYS_NOBODY;
}

int keys_open(const char *directory, struct keys **out)
{
    char path[PATH_BYTES];
    int r = path_of(path, directory, "identity.key");
    if (r == 0)
        r = is_private(path);
    if (r < 0)
        return r;
    struct keys *keys = calloc(1, sizeof *keys);
    if (keys) {
        snprintf(keys->directory, sizeof keys->directory, "%s", directory);
        keys->trusted = calloc(TRUSTED_MOST, sizeof *keys->trusted);
        keys->visitor = calloc(ROUTES, sizeof *keys->visitor);
        keys->identity = zcert_load(path);
    }
    if (!keys || !keys->trusted || !keys->visitor)
        r = log_fail(STATUS_BUG, "out of memory for keys");
    else if (!keys->identity)
        r = log_fail(STATUS_CONFIG, "%s is no key; winnow keygen makes them", path);
    *out = keys;
    if (r < 0)
        keys_close(out);
    return r;
}

void keys_close(struct keys **keys)
{
    if (!keys || !*keys)
        return;
    zactor_destroy(&(*keys)->zauth);
    zcert_destroy(&(*keys)->identity);
    free((*keys)->trusted);
    free((*keys)->visitor);
    free(*keys);
    *keys = NULL;
}

/* ---- gates ---- */

static void settle_server(struct keys *keys, zsock_t *socket)
{
    zsock_set_zap_domain(socket, "winnow");
    zcert_apply(keys->identity, socket);
    zsock_set_curve_server(socket, 1);
}

static int settle_client(struct keys *keys, struct gate *gate)
{
    char name[32], path[PATH_BYTES];
    snprintf(name, sizeof name, "%s.pub", role_names[gate->server]);
    int r = path_of(path, keys->directory, name);
    if (r < 0)
        return r;
    zcert_t *server = zcert_load(path);
    if (!server)
        return log_fail(STATUS_CONFIG, "no key of the %s at %s; winnow keygen makes them",
                        role_names[gate->server], path);
    zcert_apply(keys->identity, gate->socket);
    zsock_set_curve_serverkey(gate->socket, zcert_public_txt(server));
    zcert_destroy(&server);
    return 0;
}

int keys_settle(struct keys *keys, struct gate *gate, const char *endpoint)
{
    if (!keys || endpoint_kind(endpoint) != ENDPOINT_TCP)
        return 0;
    if (!gate->bound)
        return settle_client(keys, gate);
    settle_server(keys, gate->socket);
    return 0;
}

enum keys_role keys_note(struct keys *keys, uint32_t route, const char *user)
{
    struct visitor *visitor = &keys->visitor[route % ROUTES];
    enum keys_role role = user ? trusted_role(keys, user) : KEYS_NOBODY;
    if (role == KEYS_NOBODY)
        return role;
    visitor->route = route;
    snprintf(visitor->key, sizeof visitor->key, "%s", user);
    return role;
}

int keys_trusts_route(struct keys *keys, uint32_t route)
{
    const struct visitor *visitor = &keys->visitor[route % ROUTES];
    return visitor->route == route && visitor->key[0] &&
           trusted_role(keys, visitor->key) != KEYS_NOBODY;
}

/* ---- the door, and whether it is shut ---- */

/* The first event of a monitor; 0 when none came in time. */
static unsigned first_event(const struct watch *watch)
{
    uint16_t number = 0;
    zpoller_t *poller = zpoller_new(watch->monitor, NULL);
    zframe_t *frame =
        poller && zpoller_wait(poller, SELF_TEST_MS) ? zframe_recv(watch->monitor) : NULL;
    if (frame && zframe_size(frame) >= sizeof number)
        memcpy(&number, zframe_data(frame), sizeof number);
    zframe_destroy(&frame);
    zpoller_destroy(&poller);
    return number;
}

/* What becomes of a stranger's handshake: the monitor's event, 0 when none came. */
static unsigned stranger_tries(zsock_t *server, zcert_t *stranger, zsock_t *client)
{
    struct watch watch = {0};
    char key[KEY_TEXT] = "";
    size_t size = sizeof key;
    unsigned event = 0;
    char *endpoint = zsock_last_endpoint(server);
    zmq_getsockopt(zsock_resolve(server), ZMQ_CURVE_PUBLICKEY, key, &size);
    zcert_apply(stranger, client);
    zsock_set_curve_serverkey(client, key);
    zsock_set_linger(client, 0);
    if (watch_open(&watch, client) == 0 && zsock_connect(client, "%s", endpoint) == 0)
        event = first_event(&watch);
    watch_close(&watch, client);
    free(endpoint);
    return event;
}

/* A server without somebody who answers for it lets any key in: so the door is tried. */
static int door_try(struct keys *keys)
{
    unsigned event = 0;
    zsock_t *server = zsock_new(ZMQ_ROUTER), *client = zsock_new(ZMQ_DEALER);
    zcert_t *stranger = zcert_new();
    if (server && client && stranger) {
        settle_server(keys, server);
        zsock_set_linger(server, 0);
        if (zsock_bind(server, "tcp://127.0.0.1:*") >= 0)
            event = stranger_tries(server, stranger, client);
    }
    zsock_destroy(&client);
    zsock_destroy(&server);
    zcert_destroy(&stranger);
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
        return 0;
    return log_fail(STATUS_DENIED, "the test with a stranger's key was not refused (event %u)",
                    event);
}

/* zauth before any socket that it is to answer for. */
int keys_door(struct keys *keys)
{
    char path[PATH_BYTES];
    int r = path_of(path, keys->directory, "trusted");
    if (r < 0)
        return r;
    if (access(path, R_OK | X_OK) != 0)
        return 0; /* of a worker, who lets nobody in */
    keys->zauth = zactor_new(zauth, NULL);
    if (!keys->zauth || zstr_sendx(keys->zauth, "CURVE", path, NULL) != 0 ||
        zsock_wait(keys->zauth) != 0)
        return log_fail(STATUS_IO, "cannot start the door keeper: %s", zmq_strerror(zmq_errno()));
    return door_try(keys);
}

/* ---- making ---- */

static int make_directory(const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    return log_fail(STATUS_NO_OUTPUT, "cannot make %s: %s", path, strerror(errno));
}

static int save(zcert_t *cert, const char *directory, const char *file, int is_secret)
{
    char path[PATH_BYTES];
    int r = path_of(path, directory, file);
    if (r < 0)
        return r;
    if (access(path, F_OK) == 0)
        return log_fail(STATUS_NO_OUTPUT, "%s is there already; keys are never overwritten", path);
    mode_t before = umask(077);
    int failed = is_secret ? zcert_save_secret(cert, path) : zcert_save_public(cert, path);
    umask(before);
    if (failed || (is_secret && chmod(path, 0600) != 0))
        return log_fail(STATUS_NO_OUTPUT, "cannot write %s: %s", path, strerror(errno));
    return 0;
}

static zcert_t *draw(enum keys_role role)
{
    zcert_t *cert = zcert_new();
    if (cert)
        zcert_set_meta(cert, "role", "%s", role_names[role]);
    return cert;
}

/* A place for the public key of who is at a server's door. */
static int save_trusted(zcert_t *cert, const char *directory, const char *server, const char *name)
{
    char place[PATH_BYTES], file[128];
    int r = path_of(place, directory, server);
    if (r == 0)
        r = make_directory(place);
    snprintf(file, sizeof file, "%s.pub", name);
    if (r == 0 && snprintf(place, sizeof place, "%s/%s/trusted", directory, server) >= PATH_BYTES)
        r = log_fail(STATUS_CONFIG, "%s: too long a name", directory);
    if (r == 0)
        r = make_directory(place);
    return r == 0 ? save(cert, place, file, 0) : r;
}

static int save_identity(zcert_t *cert, const char *directory, const char *name)
{
    char place[PATH_BYTES];
    int r = path_of(place, directory, name);
    if (r == 0)
        r = make_directory(place);
    return r == 0 ? save(cert, place, "identity.key", 1) : r;
}

static int save_public(zcert_t *cert, const char *directory, const char *name, const char *file)
{
    char place[PATH_BYTES];
    int r = path_of(place, directory, name);
    return r == 0 ? save(cert, place, file, 0) : r;
}

/* Somebody who binds nothing: his own key, and those of the servers he speaks to. */
struct caller {
    zcert_t *cert;
    const char *name;
    zcert_t *ventilator, *sink; /* NULL: he does not speak to it */
};

static int save_caller(const char *directory, const struct caller *caller)
{
    int r = save_identity(caller->cert, directory, caller->name);
    if (r == 0)
        r = save_public(caller->ventilator, directory, caller->name, "ventilator.pub");
    if (r == 0)
        r = save_trusted(caller->cert, directory, "ventilator", caller->name);
    if (r == 0 && caller->sink)
        r = save_public(caller->sink, directory, caller->name, "sink.pub");
    return r == 0 && caller->sink ? save_trusted(caller->cert, directory, "sink", caller->name) : r;
}

/* By role; those that are not wanted, and whom there was no memory for, are NULL. */
static int make_all(const char *directory, zcert_t *const cert[KEYS_CLIENT + 1])
{
    zcert_t *ventilator = cert[KEYS_VENTILATOR], *sink = cert[KEYS_SINK];
    const struct caller worker = {cert[KEYS_WORKER], "worker", ventilator, sink},
                        client = {cert[KEYS_CLIENT], "client", ventilator, NULL};
    int r = save_identity(ventilator, directory, "ventilator");
    if (r == 0)
        r = save_identity(sink, directory, "sink");
    if (r == 0)
        r = save_public(sink, directory, "ventilator", "sink.pub");
    if (r == 0)
        r = save_trusted(ventilator, directory, "sink", "ventilator");
    if (r == 0)
        r = save_caller(directory, &worker);
    return r == 0 ? save_caller(directory, &client) : r;
}

int keys_make(const char *directory)
{
    int r = make_directory(directory), lacks = 0;
    zcert_t *cert[KEYS_CLIENT + 1] = {NULL};
    for (enum keys_role role = KEYS_VENTILATOR; role <= KEYS_CLIENT; role++)
        lacks |= !(cert[role] = draw(role));
    if (r == 0 && lacks)
        r = log_fail(STATUS_BUG, "out of memory for keys");
    if (r == 0)
        r = make_all(directory, cert);
    for (enum keys_role role = KEYS_VENTILATOR; role <= KEYS_CLIENT; role++)
        zcert_destroy(&cert[role]);
    return r;
}

/* The public key of a server, as a worker has it. */
static zcert_t *load_server(const char *directory, const char *file)
{
    char path[PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/worker/%s", directory, file) >= PATH_BYTES)
        return NULL;
    zcert_t *cert = zcert_load(path);
    if (!cert)
        log_say(LOG_ERROR, "no key at %s; winnow keygen %s first", path, directory);
    return cert;
}

static int make_one_more(const char *directory, enum keys_role role, const char *name)
{
    char place[96];
    if (strlen(name) > 64 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789-_") != strlen(name) ||
        !*name)
        return log_fail(STATUS_USAGE, "--%s %s: letters, digits, - and _, 64 at most",
                        role_names[role], name);
    snprintf(place, sizeof place, "%s-%s", role_names[role], name);
    struct caller caller = {draw(role), place, load_server(directory, "ventilator.pub"),
                            role == KEYS_WORKER ? load_server(directory, "sink.pub") : NULL};
    int r = caller.ventilator && (caller.sink || role != KEYS_WORKER) ? 0 : STATUS_CONFIG;
    if (r == 0)
        r = caller.cert ? save_caller(directory, &caller)
                        : log_fail(STATUS_BUG, "out of memory for keys");
    zcert_destroy(&caller.cert);
    zcert_destroy(&caller.ventilator);
    zcert_destroy(&caller.sink);
    return r;
}

int keys_make_worker(const char *directory, const char *name)
{
    return make_one_more(directory, KEYS_WORKER, name);
}

int keys_make_client(const char *directory, const char *name)
{
    return make_one_more(directory, KEYS_CLIENT, name);
}
