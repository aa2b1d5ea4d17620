/* SPDX-License-Identifier: Apache-2.0 */
/* A head, the struct, and what its pointers point to: the ids of cut points in the order of metrics and cuts; of each
 * peer group its size, estimate and the length of its name; the names. */
#include "sink/memento.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/log.h"

struct head {
    struct digest digest; /* of all that follows the head */
    uint64_t ids, names;  /* bytes */
    uint64_t groups;
};

struct group {
    uint64_t n;
    int64_t estimate;
    uint64_t length;
};

static size_t cuts_of(const struct rfm_cuts *cuts)
{
    return cuts->ties == RFM_NTILE && cuts->bins > 1 ? (size_t)cuts->bins - 1 : 0;
}

static struct head head_of(const struct fitted *fitted)
{
    const struct model_groups *groups = &fitted->peers.groups;
    const struct rfm_cuts *cuts = &fitted->model.rfm;
    struct head head = {.groups = groups->n,
                        .names = groups->n > 0 ? groups->offset[groups->n] : 0};
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (size_t k = 0; k < cuts_of(cuts); k++)
            head.ids += cuts->cut[metric][k].id_length;
    return head;
}

static size_t size_of(const struct head *head)
{
    return sizeof *head + sizeof(struct fitted) + head->ids + head->groups * sizeof(struct group) +
           head->names;
}

static char *add(char *at, const void *data, size_t size)
{
    if (size > 0)
        memcpy(at, data, size);
    return at + size;
}

static char *add_ids(char *at, const struct rfm_cuts *cuts)
{
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (size_t k = 0; k < cuts_of(cuts); k++)
            at = add(at, cuts->cut[metric][k].id, cuts->cut[metric][k].id_length);
    return at;
}

static char *add_groups(char *at, const struct peers *peers)
{
    for (uint32_t i = 0; i < peers->groups.n; i++) {
        struct group group = {peers->n[i], peers->estimate[i],
                              peers->offset[i + 1] - peers->offset[i]};
        at = add(at, &group, sizeof group);
    }
    return peers->groups.n > 0 ? add(at, peers->names, peers->offset[peers->groups.n]) : at;
}

int memento_write(const struct fitted *fitted, void **bytes, size_t *size)
{
    struct head head = head_of(fitted);
    char *out = malloc(size_of(&head));
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for a model");
    char *at = add(out + sizeof head, fitted, sizeof *fitted);
    at = add_ids(at, &fitted->model.rfm);
    at = add_groups(at, &fitted->peers);
    *size = (size_t)(at - out);
    head.digest = digest_of(out + sizeof head, *size - sizeof head);
    memcpy(out, &head, sizeof head);
    *bytes = out;
    return 0;
}

static int read_ids(const char *at, const struct head *head, struct fitted *fitted)
{
    struct rfm_cuts *cuts = &fitted->model.rfm;
    size_t used = 0;
    fitted->cut_ids = malloc(head->ids + 1);
    if (!fitted->cut_ids)
        return log_fail(STATUS_BUG, "out of memory for the cut points");
    add(fitted->cut_ids, at, head->ids);
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (size_t k = 0; k < cuts_of(cuts); k++) {
            cuts->cut[metric][k].id = fitted->cut_ids + used;
            used += cuts->cut[metric][k].id_length;
        }
    return used == head->ids ? 0 : MEMENTO_E_DAMAGED;
}

static int read_groups(const char *at, const struct head *head, const struct peers *as_written,
                       struct fitted *fitted)
{
    struct peers *peers = &fitted->peers;
    const char *name = at + head->groups * sizeof(struct group);
    size_t left = head->names;
    struct group group;
    int r = 0;
    peers->has_losses = as_written->has_losses;
    memcpy(peers->loss, as_written->loss, sizeof peers->loss);
    for (uint64_t i = 0; r == 0 && i < head->groups; i++) {
        memcpy(&group, at + i * sizeof group, sizeof group);
        if (group.length > left)
            return MEMENTO_E_DAMAGED;
        r = peers_add(peers, name, group.length, group.n, group.estimate);
        name += group.length;
        left -= group.length;
    }
    peers->groups.slope = as_written->groups.slope;
    fitted->model.groups = peers->groups;
    return r;
}

static int is_sound(struct slice bytes, struct head *head)
{
    size_t limit = bytes.size;
    if (bytes.size < sizeof *head + sizeof(struct fitted))
        return 0;
    memcpy(head, bytes.data, sizeof *head);
    return head->ids <= limit && head->names <= limit && head->groups <= limit &&
           size_of(head) == bytes.size &&
           digest_same(head->digest, digest_of((const char *)bytes.data + sizeof *head,
                                               bytes.size - sizeof *head));
}

int memento_read(struct slice bytes, struct fitted *fitted)
{
    const char *at = (const char *)bytes.data + sizeof(struct head) + sizeof *fitted;
    struct head head;
    *fitted = (struct fitted){.chosen = -1};
    if (!is_sound(bytes, &head))
        return MEMENTO_E_DAMAGED;
    memcpy(fitted, (const char *)bytes.data + sizeof head, sizeof *fitted);
    struct peers as_written = fitted->peers;
    fitted->peers = (struct peers){0};
    fitted->cut_ids = NULL;
    int r = read_ids(at, &head, fitted);
    if (r == 0)
        r = read_groups(at + head.ids, &head, &as_written, fitted);
    if (r != 0)
        fitted_free(fitted);
    return r;
}
