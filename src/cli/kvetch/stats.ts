import type { Action } from './kvetchCommand.ts';
import { clusterOf } from './loadConfig.ts';

export const stats: Action = {
  summary: 'Shows what each server holds: shards by state, and about how many rows.',
  help: '  --json  one JSON document instead of a table',
  options: { json: { type: 'boolean' } },
  async run(config, values, print) {
    const servers = await clusterOf(config).stats();
    if (values.json === true) print(JSON.stringify(servers, null, 2));
    for (const { server, error, shards, rows } of values.json === true ? [] : servers) {
      const counts = [...Object.entries(shards), ...Object.entries(rows)].map(([name, n]) => `${name} ${n}`);
      print(`${server.padEnd(12)} ${error ?? counts.join(', ')}`);
    }
    return servers.some(({ error }) => error !== null) ? 1 : 0;
  },
};
