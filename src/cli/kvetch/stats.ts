import { createKvetch } from '../../kvetch/createKvetch.ts';
import type { Kvetch } from '../../kvetch/Kvetch.ts';
import { clusterStats, type ServerStats } from '../../kvetch/mysql/checkCluster.ts';
import type { Action } from './kvetchCommand.ts';
import { type KnownStores, storesOf } from './storesOf.ts';

/** Objects are looked at for so long, where a type says when they expire. */
const LOOK_MS = 3000;

export const stats: Action = {
  summary:
    'Shows the contents of each store: shards by state, and (about) how many rows; unfinished work of writes and deletes; expired objects; and indexes that are not filled yet.',
  help: '  --json  one JSON document instead of a table',
  options: { json: { type: 'boolean' } },
  async run(config, values, print) {
    const known = storesOf(config);
    const servers = await statsOf(known);
    const kvetch = createKvetch({ ...config, outboxPollMs: 0 });
    const building = await kvetch.building();
    const open = servers.some(({ error }) => error !== null) ? null : await kvetch.openWork();
    const found = open === null ? null : await kvetch.countExpired(LOOK_MS);
    if (values.json === true) print(JSON.stringify({ servers, building, open, expired: found }, null, 2));
    else {
      for (const { server, error, shards, rows } of servers) {
        const counts = [...Object.entries(shards), ...Object.entries(rows)].map(([name, n]) => `${name} ${n}`);
        print(`${server.padEnd(12)} ${error ?? counts.join(', ')}`);
      }
      for (const line of open === null ? [] : linesOf(open)) print(line);
      if (found !== null && found.expired > 0)
        print(`expired objects that are still stored: ${found.isWhole ? '' : 'at least '}${found.expired}`);
      for (const label of building) print(`not filled in yet: ${label}; run "kvetch clean"`);
    }
    return servers.some(({ error }) => error !== null) ? 1 : 0;
  },
};

function linesOf({ notes, parents, prepared, isMore }: Awaited<ReturnType<Kvetch['openWork']>>): readonly string[] {
  const least = isMore ? 'at least ' : '';
  return [
    ...(notes === 0 ? [] : [`writes whose work is not done: ${least}${notes}`]),
    ...(parents === 0 ? [] : [`deleted objects whose children are being deleted or cleared: ${least}${parents}`]),
    ...(prepared === 0 ? [] : [`objects with a change of a unit that is not finished: ${least}${prepared}`]),
  ];
}

async function statsOf(known: KnownStores): Promise<readonly ServerStats[]> {
  if (known.kind !== 'sqlite') return clusterStats(known.stores);
  return known.stores.map((store): ServerStats => {
    const held = known.ranges.filter((range) => range.store === store);
    const open = held.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return { server: store.name, error: null, shards: { open }, rows: store.countRows() };
  });
}
