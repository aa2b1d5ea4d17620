/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/note.h"

void note_begin(struct note *note, struct digest job, struct desk_key key)
{
    if (!note)
        return;
    note->job = job;
    note->key = key;
    note->busy = 1;
}

void note_end(struct note *note)
{
    if (note)
        note->busy = 0;
}

int note_confesses(struct note *note, struct note *before)
{
    int confesses = note && note->died && note->busy;
    if (confesses)
        *before = *note;
    if (note)
        *note = (struct note){0};
    return confesses;
}
