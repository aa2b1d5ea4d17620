/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/lexicon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/log.h"
#include "score/money.h"
#include "score/wallet.h"

static const char *method_name(const struct plan *plan, char *name, size_t size)
{
    if (plan->wallet_method == WALLET_MEAN)
        return "mean";
    char digits[DIGITS_ROOM];
    *digits_money_exact(digits, plan->wallet_tau_millionths / (PLAN_MILLION / MONEY_PER_UNIT)) =
        '\0';
    if (plan->wallet_tau_millionths % (PLAN_MILLION / MONEY_PER_UNIT) != 0)
        *digits_double(digits, (double)plan->wallet_tau_millionths / (double)PLAN_MILLION, 6) =
            '\0';
    snprintf(name, size, "%s=%s",
             plan->wallet_method == WALLET_REGRESSION ? "regression" : "quantile", digits);
    return name;
}

void lexicon_basis(const struct plan *plan, const struct peers *peers, uint32_t group,
                   char text[LEXICON_TEXT])
{
    char method[DIGITS_ROOM + 16], name[LEXICON_NAME];
    size_t n = 0;
    for (uint32_t i = peers->offset[group]; i < peers->offset[group + 1] && n + 1 < sizeof name;
         i++) {
        char c = peers->names[i];
        if (c != PEERS_END)
            name[n++] = c;
        else if (i + 1 < peers->offset[group + 1])
            name[n++] = '/';
    }
    name[n] = '\0';
    snprintf(text, LEXICON_TEXT, "%s of %llu%s%s", method_name(plan, method, sizeof method),
             (unsigned long long)peers->n[group], n > 0 ? " in " : "", name);
}

static int make_groups(struct lexicon *lexicon, const struct plan *plan, const struct peers *peers)
{
    char text[LEXICON_TEXT];
    int r = 0;
    lexicon->group = calloc((size_t)peers->groups.n + 1, sizeof *lexicon->group);
    if (!lexicon->group)
        return log_fail(STATUS_BUG, "out of memory for %u peer groups", peers->groups.n);
    lexicon->n_groups = peers->groups.n;
    for (uint32_t i = 0; r == 0 && i < peers->groups.n; i++) {
        lexicon_basis(plan, peers, i, text);
        r = quoted_make(&lexicon->group[i], text, strlen(text));
    }
    return r;
}

static int make_words(struct quoted *quoted, const char *const *words, size_t n)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        if (words[i])
            r = quoted_make(&quoted[i], words[i], strlen(words[i]));
    return r;
}

static int make_tiers(struct lexicon *lexicon, const struct plan *plan)
{
    const char *tier[TIER_ROWS] = {NULL}, *action[ACTION_GROW + 1];
    for (int32_t i = 0; i < plan->n_tiers; i++)
        tier[i] = plan->tiers[i].name;
    tier[plan->n_tiers] = "inactive";
    for (int32_t i = 0; i <= ACTION_GROW; i++)
        action[i] = tier_action_name((enum action)i);
    int r = make_words(lexicon->tier, tier, TIER_ROWS);
    return r < 0 ? r : make_words(lexicon->action, action, ACTION_GROW + 1);
}

static int make_bases(struct lexicon *lexicon)
{
    static const char *const words[WALLET_BASIS_RANK + 1] = {
        [WALLET_BASIS_NONE] = "no_attributes",          [WALLET_BASIS_DECLARED] = "declared",
        [WALLET_BASIS_NO_ATTRIBUTES] = "no_attributes", [WALLET_BASIS_NO_UNITS] = "no_units",
        [WALLET_BASIS_NO_SPEND] = "no_spend",           [WALLET_BASIS_TOO_NEW] = "too_new",
    };
    return make_words(lexicon->basis, words, WALLET_BASIS_RANK + 1);
}

/* Names of segments found so far, borrowed from the plan or static. */
struct names {
    const char *name[PLAN_SEGMENTS_LIMIT + 1];
    size_t n;
};

static uint8_t number_of(struct names *names, const char *name)
{
    size_t i = 0;
    while (i < names->n && strcmp(names->name[i], name) != 0)
        i++;
    if (i == names->n)
        names->name[names->n++] = name;
    return (uint8_t)i;
}

static int make_segments(struct lexicon *lexicon, const struct plan *plan, int32_t bins)
{
    struct names names = {.name = {""}, .n = 1};
    for (int32_t r = 1; r <= bins; r++)
        for (int32_t f = 1; f <= bins; f++)
            for (int32_t m = 0; m <= bins; m++)
                lexicon->segment_of[r][f][m] =
                    number_of(&names, rfm_segment(&plan->segments, bins, (int32_t[]){r, f, m}));
    return make_words(lexicon->segment, names.name, names.n);
}

int lexicon_new(const struct plan *plan, const struct fitted *fitted, const char *run_id,
                struct lexicon **out)
{
    struct lexicon *lexicon = calloc(1, sizeof *lexicon);
    if (!lexicon)
        return log_fail(STATUS_BUG, "out of memory for the words of scores.csv");
    int r = quoted_make(&lexicon->run_id, run_id, strlen(run_id));
    if (r == 0)
        r = make_tiers(lexicon, plan);
    if (r == 0)
        r = make_bases(lexicon);
    if (r == 0)
        r = make_segments(lexicon, plan, fitted->model.rfm.bins);
    if (r == 0)
        r = make_groups(lexicon, plan, &fitted->peers);
    if (r < 0) {
        lexicon_free(lexicon);
        return r;
    }
    *out = lexicon;
    return 0;
}

static void free_words(struct quoted *quoted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        quoted_free(&quoted[i]);
}

void lexicon_free(struct lexicon *lexicon)
{
    if (!lexicon)
        return;
    free_words(&lexicon->run_id, 1);
    free_words(lexicon->tier, TIER_ROWS);
    free_words(lexicon->action, ACTION_GROW + 1);
    free_words(lexicon->basis, WALLET_BASIS_RANK + 1);
    free_words(lexicon->segment, PLAN_SEGMENTS_LIMIT + 1);
    free_words(lexicon->group, lexicon->n_groups);
    free(lexicon->group);
    free(lexicon);
}
