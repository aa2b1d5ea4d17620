/* SPDX-License-Identifier: Apache-2.0 */
/* The parts are taken from score/, not written out here: two definitions would drift apart, and the
 * tests hold each formula of the parts against churn_alive. A model whose inside score/ keeps to itself
 * is still explained, by its odds. */
#include "cli/reckoning.h"

#include "score/dropout.h"
#include "score/pnbd.h"
#include "score/special.h"

static void add(struct reckoning *reckoning, const char *words, double value)
{
    reckoning->part[reckoning->n++] = (struct reckoning_part){words, value};
}

static void dropout_parts(const struct churn_model *model, struct repeat seen,
                          struct reckoning *reckoning)
{
    struct dropout dropout = dropout_of(model, seen.x);
    int is_bg = model->kind == CHURN_BGNBD;
    if (dropout.survived == 0) {
        reckoning->alive = "1";
        reckoning->condition = "in this model a customer can leave only after a repeat purchase";
        return;
    }
    double constant = special_exp(dropout_log_odds_constant(&dropout));
    double silence = special_exp(dropout_log_odds_silence(&dropout, seen));
    reckoning->alive = "1 / (1 + odds)";
    add(reckoning, is_bg ? "a / (b + x - 1)" : "a / (b + x)", constant);
    add(reckoning, "((alpha + T) / (alpha + t_x))^(r + x)", silence);
    add(reckoning, "odds that he is gone, their product", constant * silence);
}

static void pnbd_parts(const struct churn_model *model, struct repeat seen,
                       struct reckoning *reckoning)
{
    struct pnbd pnbd = pnbd_of(model->parameter, seen.x);
    reckoning->alive = "q / (q + K(t_x) - q K(T))";
    reckoning->condition = "a customer can leave at any time, unseen";
    add(reckoning, "q: neither left nor bought from t_x to T",
        pnbd_silent(&pnbd, seen.span_days, (double)seen.age_days - seen.span_days));
    add(reckoning, "K(t_x): would leave before buying again, at the last purchase",
        pnbd_left_first(&pnbd, seen.span_days));
    add(reckoning, "K(T): the same, as of today", pnbd_left_first(&pnbd, seen.age_days));
}

static void nbd_parts(const struct churn_model *model, struct repeat seen,
                      struct reckoning *reckoning)
{
    (void)model;
    (void)seen;
    reckoning->alive = "1";
    reckoning->condition = "in this model nobody ever leaves";
}

static void odds_parts(const struct churn_model *model, struct repeat seen,
                       struct reckoning *reckoning)
{
    double alive = churn_alive(model, seen);
    reckoning->alive = "1 / (1 + odds)";
    if (alive > 0)
        add(reckoning, "odds that he is gone", (1 - alive) / alive);
}

static const char gamma_quiet[] = "((alpha + T) / (alpha + T + h))^(r + x)";

/* One row a kind. */
static const struct {
    enum churn_kind kind;
    const char *quiet;
    void (*parts)(const struct churn_model *model, struct repeat seen, struct reckoning *reckoning);
} kinds[] = {
    {CHURN_BGNBD, gamma_quiet, dropout_parts},
    {CHURN_MBGNBD, gamma_quiet, dropout_parts},
    {CHURN_PNBD, "K(T) + q(T, T + h) (1 - K(T + h))", pnbd_parts},
    {CHURN_NBD, gamma_quiet, nbd_parts},
    {CHURN_BGCNBD, "A(T + h) / A(T), a purchase being every k-th event", odds_parts},
    {CHURN_MBGCNBD, "A(T + h) / A(T), a purchase being every k-th event", odds_parts},
};

struct reckoning reckoning_of(const struct churn_model *model, struct repeat seen)
{
    struct reckoning reckoning = {.condition = "", .quiet = "as the model has it"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].kind == model->kind) {
            reckoning.quiet = kinds[i].quiet;
            kinds[i].parts(model, seen, &reckoning);
            return reckoning;
        }
    odds_parts(model, seen, &reckoning);
    return reckoning;
}

double reckoning_quiet(const struct churn_outlook *outlook)
{
    if (outlook->p_alive <= 0)
        return 1;
    double quiet = 1 - (1 - outlook->churn_prob) / outlook->p_alive;
    return quiet > 0 ? quiet : 0;
}
