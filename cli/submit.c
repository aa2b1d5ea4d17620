/* SPDX-License-Identifier: Apache-2.0 */
/* The job is checked here as the ventilator will check it, so that what is wrong with it is said before it waits
 * for hours. It always has an idempotency key: an answer that was lost is asked for again, and is no second job. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commission.h"
#include "cli/inquiry.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/roles.h"
#include "cli/verbs.h"
#include "common/log.h"

#define LOOK_MS 200

/* The directory of a key that was made for somebody is client-NAME. */
static const char *owner_of_key(const char *keys)
{
    static const char prefix[] = "client-";
    const char *slash = keys ? strrchr(keys, '/') : NULL, *last = slash ? slash + 1 : keys;
    return last && strncmp(last, prefix, sizeof prefix - 1) == 0 ? last + sizeof prefix - 1 : NULL;
}

static const char *find_owner(const struct options *options, char room[ORDER_NAME_LIMIT + 1])
{
    const char *of_key = owner_of_key(options->settings.running.keys);
    const struct passwd *user = getpwuid(getuid());
    if (options->client.owner)
        return options->client.owner;
    if (of_key && wire_name_sound(of_key))
        return of_key;
    if (user && wire_name_sound(user->pw_name))
        snprintf(room, ORDER_NAME_LIMIT + 1, "%s", user->pw_name);
    else
        snprintf(room, ORDER_NAME_LIMIT + 1, "user-%lu", (unsigned long)getuid());
    return room;
}

static int send(struct inquiry *inquiry, const struct order *order, char id[ORDER_NAME_LIMIT + 1])
{
    struct parcel payload = {.n = 0}, answer;
    struct entries entries;
    int r = wire_order_put(order, &payload);
    if (r == 0)
        r = inquiry_hand(inquiry, LETTER_SUBMIT, &payload, &answer);
    if (r < 0)
        return r;
    arena_reset(inquiry->arena);
    r = wire_entries_read(&answer, 1, inquiry->arena, &entries);
    parcel_clear(&answer);
    if (r != 0 || entries.n != 1)
        return log_fail(STATUS_UNREACHABLE, "%s answers what cannot be read", inquiry->endpoint);
    snprintf(id, ORDER_NAME_LIMIT + 1, "%s", entries.entry[0].id);
    return 0;
}

static int wait_for(struct inquiry *inquiry, const char *id)
{
    struct entries entries;
    int r;
    while ((r = inquiry_about(inquiry, LETTER_ASK, id, &entries)) == 0 &&
           entries.entry[0].state <= ENTRY_RUNNING)
        if ((r = inquiry_rest(inquiry, LOOK_MS)) < 0)
            return r;
    if (r < 0)
        return r;
    const struct entry *entry = &entries.entry[0];
    if (entry->state == ENTRY_DONE)
        return 0;
    return log_fail(status_of_exit_code(entry->code), "job %s: %s", id,
                    *entry->text ? entry->text : listing_state(entry->state));
}

static int submit(const struct options *options, const struct order *order)
{
    struct inquiry inquiry;
    char id[ORDER_NAME_LIMIT + 1];
    int r = inquiry_open(options->client.to, &options->settings.running, &inquiry);
    if (r == 0)
        r = send(&inquiry, order, id);
    if (r == 0) {
        printf("%s\n", id);
        fflush(stdout);
    }
    if (r == 0 && options->client.wait)
        r = wait_for(&inquiry, id);
    inquiry_close(&inquiry);
    return r;
}

int submit_verb(const struct options *options)
{
    const struct client *client = &options->client;
    struct commission_words words;
    char owner[ORDER_NAME_LIMIT + 1], key[DIGEST_TEXT];
    digest_print(roles_draw(), key);
    int r = commission_write(options, &words);
    if (r < 0)
        return r;
    struct order order = {find_owner(options, owner), client->name ? client->name : "",
                          client->key ? client->key : key, (const char *const *)words.words,
                          words.n};
    r = commission_check(order.words, order.n_words);
    if (r == 0)
        r = submit(options, &order);
    commission_free(&words);
    return r;
}
