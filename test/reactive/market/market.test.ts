/** A short run of `npm run soak:market`. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runMarket } from './runMarket.ts';

const test = suite('the market, with clients of four kinds');
const kinds = ['own', 'live', 'apollo', 'urql'];

test('whenever it is quiet, each screen shows what is stored', async () => {
  const report = await runMarket({ seed: 7, steps: 30, kinds, lagMs: 5 });
  assert.equal([report.misses, report.hanging, report.errors], [[], [], []]);
  assert.ok(report.compared > 500, String(report.compared));
  assert.ok(Object.keys(report.done).length > 12, JSON.stringify(report.done));
});

test('connections are cut: the same', async () => {
  const { misses, hanging, faults } = await runMarket({ seed: 8, steps: 15, kinds, faults: 0.2 });
  assert.equal([misses, hanging], [[], []]);
  assert.ok(faults > 0);
});

test.run();
