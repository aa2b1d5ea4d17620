# SPDX-License-Identifier: Apache-2.0
"""trace.py FILE ROLE...: whether FILE is a trace as tracing viewers read it. It has a row for each ROLE and for
nobody else, spans lie within each other or apart, those that trace.sh counts on are there, and in the trace of a
whole run they lie within it."""
import json
import sys

# What a role cannot do without, in a run that begins with nothing.
DUTIES = {
    'ventilator': {'survey', 'reading', 'partition', 'dealing', 'lease to gather', 'waiting'},
    'worker': {'folding', 'folding to the end', 'cache put', 'gathering', 'packing', 'sending', 'cache get',
               'scoring', 'waiting'},
    'sink': {'taking a result', 'committing', 'merging', 'fitting', 'cut points', 'bgnbd', 'pnbd', 'fit spend',
             'sealing', 'tiering', 'formatting', 'writing', 'syncing', 'publishing', 'waiting'},
    'run': {'run', 'starting', 'watching', 'ending', 'cleaning up'},
}
bad = []


def apart_or_within(lane, spans):
    """Spans of one lane, each (begin, end, name)."""
    open_spans = []
    for begin, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
        while open_spans and open_spans[-1][1] <= begin:
            open_spans.pop()
        if open_spans and end > open_spans[-1][1]:
            bad.append(f'{lane}: {name} {begin}..{end} begins in {open_spans[-1]} and ends after it')
        open_spans.append((begin, end, name))


def main(path, roles):
    with open(path, encoding='utf-8') as file:
        events = json.load(file)['traceEvents']
    rows = {e['pid']: e['args']['name'] for e in events if e['name'] == 'process_name'}
    lanes = {(e['pid'], e['tid']): e['args']['name'] for e in events if e['name'] == 'thread_name'}
    if sorted(rows.values()) != sorted(roles):
        bad.append(f'rows are {sorted(rows.values())}')
    spans = {}
    for event in (e for e in events if e['ph'] == 'X'):
        lane = event['pid'], event['tid']
        if lane not in lanes or event['dur'] < 0 or event.get('tdur', 0) < 0:
            bad.append(f'{event}: of no lane, or backwards')
        spans.setdefault(lane, []).append((event['ts'], event['ts'] + event['dur'], event['name']))
    for lane, of_lane in spans.items():
        apart_or_within(f'{rows[lane[0]]}, {lanes.get(lane)}', of_lane)
    done = {kind: set() for kind in DUTIES}
    for (pid, _), of_lane in spans.items():
        done[rows[pid].split()[0]].update(name for _, _, name in of_lane)
    for kind in {role.split()[0] for role in roles}:
        for name in sorted(DUTIES[kind] - done[kind]):
            bad.append(f'no {kind} has a span {name}')
    whole = [span for of_lane in spans.values() for span in of_lane if span[2] == 'run']
    for begin, end, name in (span for of_lane in spans.values() for span in of_lane if whole):
        if begin < whole[0][0] or end > whole[0][1]:
            bad.append(f'{name} {begin}..{end} is not within the run, {whole[0]}')
    print('\n'.join(bad))
    return 1 if bad else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
