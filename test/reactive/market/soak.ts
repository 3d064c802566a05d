/**
 * `npm run soak:market -- --steps 200 --seed 1 --seeds 10`: the market with live clients against fresh reads, in memory.
 * `--store servers`: on MySQL and Redis, with servers as processes, which are killed; `--faults 0.1`: how often; `--lag 100`;
 * `--kinds own,live,apollo,urql`; `--cache`: servers have a cache in their process. The exit code is 1 when a screen was not
 * fresh, or a mutation without an answer.
 */
import { parseArgs } from 'node:util';
import { placeForTests, startServers } from './places.ts';
import { runMarket } from './runMarket.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string', default: '100' },
    kinds: { type: 'string', default: 'own,live,apollo,urql' },
    store: { type: 'string', default: 'memory' },
    faults: { type: 'string', default: '0.05' },
    lag: { type: 'string', default: '0' },
    cache: { type: 'boolean', default: false },
  },
});
let failures = 0;
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed++) {
  const isOnServers = values.store === 'servers';
  const place = isOnServers ? await placeForTests(values.cache) : undefined;
  const servers = place && (await startServers(place));
  const report = await runMarket({
    ...{ seed, steps: Number(values.steps), kinds: values.kinds.split(','), processCache: values.cache },
    ...{ lagMs: Number(values.lag), faults: Number(values.faults), patienceMs: isOnServers ? 40_000 : 15_000 },
    ...(place && servers && { place, servers }),
    tell: console.log,
  });
  for (const server of servers ?? []) await server.end();
  failures += report.misses.length + report.hanging.length;
  console.log(JSON.stringify({ seed, ...report }, null, report.misses.length + report.hanging.length > 0 ? 1 : 0));
}
console.log(failures === 0 ? 'all screens were fresh' : `${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
