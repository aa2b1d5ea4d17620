/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd (LGPL, linked as a shared library) reads the requests: HTTP from strangers is nothing to
 * write once more. One thread, few connections, little memory each, none for long. */
#include "common/kiosk.h"

#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/figures.h"
#include "common/log.h"

#define CONNECTIONS  16u
#define MEMORY_BYTES 16384u
#define PATIENCE_S   5u

#define OPENMETRICS "application/openmetrics-text"
static const char *const types[] = {
    [FIGURES_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
    [FIGURES_OPENMETRICS] = OPENMETRICS "; version=1.0.0; charset=utf-8",
};

struct kiosk {
    struct MHD_Daemon *daemon;
    struct figures *figures;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned code, const char *type,
                              struct slice text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        text.size, (void *)(uintptr_t)text.data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_words(struct MHD_Connection *connection, unsigned code,
                                    const char *words)
{
    return answer(connection, code, "text/plain; charset=utf-8",
                  (struct slice){words, strlen(words)});
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection, struct figures *figures)
{
    const char *accept =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    enum figures_form form =
        accept && strstr(accept, OPENMETRICS) ? FIGURES_OPENMETRICS : FIGURES_TEXT;
    char *page = malloc(FIGURES_PAGE_BYTES);
    if (!page)
        return MHD_NO;
    size_t n = figures_print(figures, form, page, FIGURES_PAGE_BYTES);
    enum MHD_Result result = answer(connection, MHD_HTTP_OK, types[form], (struct slice){page, n});
    free(page);
    return result;
}

static enum MHD_Result asked(void *context, struct MHD_Connection *connection, const char *path,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_size, void **request)
{
    struct kiosk *kiosk = context;
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)request;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (strcmp(path, "/metrics") == 0)
        return answer_metrics(connection, kiosk->figures);
    if (strcmp(path, "/healthz") == 0) {
        int64_t still_ms = clock_monotonic_ms() - figures_get(kiosk->figures, FIGURE_TURN);
        return still_ms > KIOSK_STILL_MS
                   ? answer_words(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "stands still\n")
                   : answer_words(connection, MHD_HTTP_OK, "ok\n");
    }
    if (strcmp(path, "/readyz") == 0)
        return figures_get(kiosk->figures, FIGURE_READY)
                   ? answer_words(connection, MHD_HTTP_OK, "ready\n")
                   : answer_words(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "not ready\n");
    return answer_words(connection, MHD_HTTP_NOT_FOUND, "/metrics, /healthz or /readyz\n");
}

/* Signals are for the loop: one that its thread does not get would not wake it. */
static struct MHD_Daemon *start(const struct addrinfo *info, struct kiosk *kiosk)
{
    sigset_t all, before;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;
    if (info->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, asked, kiosk, MHD_OPTION_SOCK_ADDR, info->ai_addr,
        MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)MEMORY_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, PATIENCE_S,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

int kiosk_open(const char *endpoint, struct figures *figures, struct kiosk **out)
{
    struct addrinfo *found;
    int r = address_find(endpoint, ADDRESS_TO_LISTEN, &found);
    if (r < 0)
        return r;
    struct kiosk *kiosk = calloc(1, sizeof *kiosk);
    if (!kiosk) {
        freeaddrinfo(found);
        return log_fail(STATUS_BUG, "out of memory for figures");
    }
    kiosk->figures = figures;
    figures_set(figures, FIGURE_TURN, clock_monotonic_ms());
    kiosk->daemon = start(found, kiosk);
    freeaddrinfo(found);
    if (!kiosk->daemon) {
        free(kiosk);
        return log_fail(STATUS_CONFIG,
                        "cannot serve figures on %s: in use, or no address of this host; --metrics "
                        "names another",
                        endpoint);
    }
    *out = kiosk;
    return 0;
}

void kiosk_close(struct kiosk **kiosk)
{
    if (!*kiosk)
        return;
    MHD_stop_daemon((*kiosk)->daemon);
    free(*kiosk);
    *kiosk = NULL;
}

int kiosk_port(const struct kiosk *kiosk)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(kiosk->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}
