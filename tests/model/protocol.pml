/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol of docs/PROTOCOL.md, for spin: one ventilator, NW workers, one sink, NS shards, STAGES stages, at most F
 * faults. Durable is only what the sink has committed; everything else may be lost at any moment.
 *
 * A fault is: a crash of any role (it comes back empty, the sink with what it has committed), a letter that is lost, a
 * lease that ends though its worker lives (a copy, a late result). Timeouts cost nothing: they may happen whenever a
 * letter is missing, which is what a timeout finds out.
 *
 * What must hold: a shard is committed once; nothing is acknowledged or called done that is not committed; stage 2
 * begins when stage 1 is all there; what is sealed is all there; and (liveness, with weak fairness) the job ends.
 *
 * Mutants, each of which spin must refuse: BUG_ACK_FIRST the sink acknowledges before it commits; BUG_TRUST the
 * ventilator takes a worker's word for done; BUG_NO_DEDUPE the sink commits a shard again; BUG_NO_RESEND a worker never
 * sends a result again; BUG_NO_EXPIRY leases do not end; BUG_NO_RESYNC a ventilator that comes back does not ask
 * the sink; BUG_EARLY_SEAL the sink seals on the ventilator's word alone. */
#ifndef NS
#define NS 2
#endif
#ifndef NW
#define NW 2
#endif
#ifndef F
#define F 2
#endif
#ifndef STAGES
#define STAGES 2
#endif
#define KEYS (NS * STAGES)        /* key = (stage - 1) * NS + shard, 0.. */
#define NONE 255

mtype:worker_letter = { LEASE, ACK };
mtype:ventilator_letter = { DONE, DONESET, SEALED, CLAIM };
mtype:sink_letter = { RESULT, RESYNC, SEAL };

chan to_worker[NW] = [1] of { mtype:worker_letter, byte };
chan to_sink = [2] of { mtype:sink_letter, byte, byte };       /* kind, worker, key */
chan to_ventilator = [2] of { mtype:ventilator_letter, byte };

/* durable */
bool committed[KEYS];
bool sealed;
/* what must stay true of it */
byte commits[KEYS];

/* the ventilator's, soft */
bool synced, finished;
byte stage = 1;
byte owner[NS];                   /* NONE: ready; NW: done; else who holds the lease of this stage */
/* a worker's, soft: what it holds, and whether the result is on its way */
byte holds[NW];
bool sent[NW];
/* the sink's, soft: taken from the inbox, not committed yet */
byte batch = NONE, batch_from;

byte faults = F;

inline forget_ventilator() {
    for (k : 0 .. NS - 1) { owner[k] = NONE }
    synced = false; stage = 1
}

/* Of NS <= 2 shards. */
#define ALL_DONE (owner[0] == NW && owner[NS - 1] == NW)
#define NONE_READY (owner[0] != NONE && owner[NS - 1] != NONE)

/* A lease whose worker does not hold it any more, with nothing under way that could end it otherwise. */
#define ABANDONED(s) (owner[s] < NW && holds[owner[s]] != (stage - 1) * NS + s && empty(to_worker[owner[s]]) \
                      && empty(to_sink) && empty(to_ventilator))

active proctype Ventilator()
{
    byte k, key; mtype:ventilator_letter kind;
    atomic { forget_ventilator() }
end:
    do
    /* RESYNC and its answer, which tells all there is. Asked whenever it is not known, or nothing comes. */
    :: atomic { !finished && !synced && empty(to_ventilator) && nfull(to_sink) ->
#ifdef BUG_NO_RESYNC
           synced = true
#else
           to_sink!RESYNC, 0, 0
#endif
       }
    :: atomic { nempty(to_ventilator) -> to_ventilator?kind, key;
           if
           :: kind == DONESET ->
               stage = 1; synced = true;
               for (k : 0 .. NS - 1) {
                   if :: committed[k] -> owner[k] = NW
                      :: !committed[k] && owner[k] == NW -> owner[k] = NONE
                      :: else -> skip
                   fi
               }
               if :: ALL_DONE && STAGES == 2 ->
                       stage = 2;
                       for (k : 0 .. NS - 1) {
                           if :: committed[(STAGES - 1) * NS + k] -> owner[k] = NW :: else -> owner[k] = NONE fi
                       }
                  :: else -> skip
               fi
           :: kind == DONE && key / NS == stage - 1 -> assert(committed[key]); owner[key % NS] = NW
           :: kind == SEALED -> assert(sealed); finished = true
#ifdef BUG_TRUST
           :: kind == CLAIM && key / NS == stage - 1 -> assert(committed[key]); owner[key % NS] = NW
#endif
           :: else -> skip
           fi;
           k = 0; kind = DONE; key = 0
       }
    /* Stage 2 begins when stage 1 is all done. */
    :: atomic { synced && stage < STAGES && ALL_DONE -> stage = 2;
           for (k : 0 .. NS - 1) { assert(committed[k]); owner[k] = NONE }
           k = 0
       }
    /* Leases, to workers with room: beats tell. */
#define CAN_LEASE(s, w) (synced && !finished && owner[s] == NONE && holds[w] == NONE && empty(to_worker[w]))
#define LEASE_TO(s, w) owner[s] = w; to_worker[w]!LEASE, (stage - 1) * NS + s
    :: atomic { CAN_LEASE(0, 0) -> LEASE_TO(0, 0) }
    :: atomic { CAN_LEASE(0, NW - 1) -> LEASE_TO(0, NW - 1) }
    :: atomic { CAN_LEASE(NS - 1, 0) -> LEASE_TO(NS - 1, 0) }
    :: atomic { CAN_LEASE(NS - 1, NW - 1) -> LEASE_TO(NS - 1, NW - 1) }
#ifndef BUG_NO_EXPIRY
    /* What ends a lease: its worker is gone or knows nothing of it; before that, a RESYNC finds what is done. */
    :: atomic { synced && !finished && ABANDONED(0) -> owner[0] = NONE; synced = false }
    :: atomic { synced && !finished && ABANDONED(NS - 1) -> owner[NS - 1] = NONE; synced = false }
    :: atomic { faults > 0 && !finished && owner[0] < NW -> faults--; owner[0] = NONE }
#endif
    /* Seal, when every key is done; again whenever nothing comes of it. */
#ifdef BUG_EARLY_SEAL
#define READY_TO_SEAL NONE_READY
#else
#define READY_TO_SEAL ALL_DONE
#endif
    :: atomic { synced && !finished && stage == STAGES && READY_TO_SEAL && empty(to_sink) && empty(to_ventilator) ->
           to_sink!SEAL, 0, 0 }
    /* A crash: all that is soft is gone, the inbox too. */
    :: atomic { faults > 0 && !finished -> faults--; forget_ventilator(); k = 0;
           do :: nempty(to_ventilator) -> to_ventilator?kind, key :: empty(to_ventilator) -> break od;
           kind = DONE; key = 0 }
    :: atomic { faults > 0 && nempty(to_ventilator) -> faults--; to_ventilator?kind, key; kind = DONE; key = 0 }
    od
}

active [NW] proctype Worker()
{
    byte me = _pid - 1, key; mtype:worker_letter kind;
    holds[me] = NONE;
end:
    do
    :: atomic { nempty(to_worker[me]) -> to_worker[me]?kind, key;
           if
           :: kind == LEASE && holds[me] == NONE -> holds[me] = key; sent[me] = false
           :: kind == ACK && holds[me] == key -> assert(committed[key]); holds[me] = NONE; sent[me] = false
           :: else -> skip /* no room: the lease is found abandoned */
           fi;
           kind = LEASE; key = 0
       }
    :: atomic { holds[me] != NONE && !sent[me] && nfull(to_sink) -> to_sink!RESULT, me, holds[me]; sent[me] = true;
#ifdef BUG_TRUST
           if :: nfull(to_ventilator) -> to_ventilator!CLAIM, holds[me] :: full(to_ventilator) -> skip fi
#endif
       }
#ifndef BUG_NO_RESEND
    /* No acknowledgement comes: the sink is asked, does not know us, and the result goes again. */
    :: atomic { holds[me] != NONE && sent[me] && empty(to_sink) && empty(to_worker[me]) && batch == NONE -> sent[me] = false }
#endif
    :: atomic { faults > 0 && (holds[me] != NONE || nempty(to_worker[me])) -> faults--; holds[me] = NONE; sent[me] = false;
           do :: nempty(to_worker[me]) -> to_worker[me]?kind, key :: empty(to_worker[me]) -> break od;
           kind = LEASE; key = 0 }
    :: atomic { faults > 0 && nempty(to_worker[me]) -> faults--; to_worker[me]?kind, key; kind = LEASE; key = 0 }
    od
}

/* An answer that finds no room is lost; whoever misses it asks again. */
#define TELL_WORKER(w, kind_, key_) if :: nfull(to_worker[w]) -> to_worker[w]!kind_, key_ :: full(to_worker[w]) -> skip fi
#define TELL_VENTILATOR(kind_, key_) if :: nfull(to_ventilator) -> to_ventilator!kind_, key_ :: full(to_ventilator) -> skip fi

active proctype Sink()
{
    byte k, from, key; bool yes; mtype:sink_letter kind;
end:
    do
    :: atomic { batch == NONE && nempty(to_sink) -> to_sink?kind, from, key;
           if
           :: kind == RESULT && !sealed -> batch = key; batch_from = from;
#ifdef BUG_ACK_FIRST
               TELL_WORKER(from, ACK, key); TELL_VENTILATOR(DONE, key)
#endif
           :: kind == RESULT && sealed -> TELL_WORKER(from, ACK, key)
           :: kind == RESYNC && sealed -> TELL_VENTILATOR(SEALED, 0)
           :: kind == RESYNC && !sealed -> TELL_VENTILATOR(DONESET, 0)
           :: kind == SEAL ->
               yes = true;
               for (k : 0 .. KEYS - 1) { if :: !committed[k] -> yes = false :: else -> skip fi }
#ifdef BUG_EARLY_SEAL
               yes = true;
#endif
               if :: yes -> sealed = true; TELL_VENTILATOR(SEALED, 0);
                       for (k : 0 .. KEYS - 1) { assert(committed[k]) }
                  :: else -> TELL_VENTILATOR(DONESET, 0)
               fi
           :: else -> skip
           fi;
           k = 0; kind = RESULT; from = 0; key = 0; yes = false
       }
    /* The commit is one step; what is said follows it, and may be lost with us in between. */
    :: atomic { batch != NONE ->
#ifdef BUG_NO_DEDUPE
           committed[batch] = true; commits[batch]++; assert(commits[batch] == 1);
#else
           if :: !committed[batch] -> committed[batch] = true; commits[batch]++; assert(commits[batch] == 1) :: else -> skip fi;
#endif
       }
       if
       :: atomic { true ->
#ifndef BUG_ACK_FIRST
              assert(committed[batch]);
              TELL_WORKER(batch_from, ACK, batch); TELL_VENTILATOR(DONE, batch);
#endif
              batch = NONE; batch_from = 0 }
       :: atomic { faults > 0 -> faults--; batch = NONE; batch_from = 0;
              do :: nempty(to_sink) -> to_sink?kind, from, key :: empty(to_sink) -> break od;
              kind = RESULT; from = 0; key = 0 }
       fi
    :: atomic { faults > 0 && (batch != NONE || nempty(to_sink)) -> faults--; batch = NONE; batch_from = 0;
           do :: nempty(to_sink) -> to_sink?kind, from, key :: empty(to_sink) -> break od;
           kind = RESULT; from = 0; key = 0 }
    od
}

ltl ends { <> finished }
