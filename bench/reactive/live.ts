import { parse } from 'graphql';
import type { LiveRequest } from '../../src/reactive/live/createLiveQueries.ts';
import { createLiveQueries, type LiveQueries, memoryVersions } from '../../src/reactive.ts';
import { median } from '../median.ts';
import { openView, type View } from './view.ts';

const CLIENTS = 500;
const LISTS = 20;
const ITEMS = 49;
const TIMES = 7;

interface Side {
  readonly view: View;
  readonly live: LiveQueries;
  /** The bytes of the last payloads. */
  readonly bytes: number[];
  readonly cpu: number[];
  taken: number;
  readonly end: () => Promise<void>;
}

/** What one change of a query of 1,001 objects costs that 500 clients watch live: each payload is written as JSON, as transports do. */
export async function live(): Promise<Record<string, number>> {
  const alone = await open(false, false);
  const whole = await open(true, false);
  const patch = await open(true, true);
  const sides = [alone, whole, patch];
  for (let n = 0; n < TIMES; n++) for (const side of sides) await change(side, n);
  for (const side of sides) side.cpu.splice(0, 2); // warm-up
  const before = patch.live.stats;
  await change(patch, TIMES);
  const { runs, parts, diffs } = patch.live.stats;
  for (const { end } of sides) await end();
  return {
    clients: CLIENTS,
    'not shared, ms of CPU a change': median(alone.cpu),
    'shared, ms of CPU a change': median(whole.cpu),
    'shared with patches, ms of CPU a change': median(patch.cpu),
    'shared, runs a change': runs - before.runs,
    'of these, runs of a part': parts - before.parts,
    'shared, diffs a change': diffs - before.diffs,
    'whole, bytes a client': whole.bytes.at(-1) ?? 0,
    'patch, bytes a client': patch.bytes.at(-1) ?? 0,
  };
}

async function open(isShared: boolean, takesPatches: boolean): Promise<Side> {
  const view = await openView(memoryVersions(), LISTS, ITEMS);
  const queries = createLiveQueries({
    reactive: view.reactive,
    limits: { perSubject: CLIENTS },
    ...(!isShared && { scope: () => null }),
  });
  const request: LiveRequest = {
    ...{ document: parse(view.text.replace(') {', ') @live {')), variableValues: { id: view.user }, subject: 'ann' },
    context: () => ({ kvetch: view.kvetch.forRequest() }),
    extensions: { live: { patch: takesPatches } },
  };
  const generators = Array.from({ length: CLIENTS }, () => queries.execute(request));
  const side: Side = {
    ...{ view, live: queries, bytes: [], cpu: [], taken: 0 },
    async end() {
      for (const generator of generators) if ('return' in generator) await generator.return();
    },
  };
  for (const generator of generators) {
    if (!('return' in generator)) throw new Error('It is not live.');
    void (async () => {
      for await (const payload of generator) {
        side.bytes[0] = JSON.stringify(payload).length;
        side.taken++;
      }
    })();
  }
  await all(side, CLIENTS);
  return side;
}

async function change(side: Side, n: number): Promise<void> {
  const taken = side.taken + CLIENTS;
  const before = process.cpuUsage();
  await side.view.kvetch.updateObject(side.view.lists[n % LISTS] ?? '', { title: `Title ${n} of it` });
  await all(side, taken);
  const { user, system } = process.cpuUsage(before);
  side.cpu.push((user + system) / 1000);
}

async function all(side: Side, count: number): Promise<void> {
  while (side.taken < count) await new Promise((resolve) => setImmediate(resolve));
}
