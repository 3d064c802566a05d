/** Worlds that differ in secrets alone answer alike. `npm run test:secrets -- 20000` compares more. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareWorlds } from './compareWorlds.ts';

const test = suite('secrets taken away');

test('no response tells of them, on any road', async () => {
  const { operations, differences, roads } = await compareWorlds(3, 700);
  assert.equal(differences, []);
  assert.ok(operations >= 700);
  // Each road leads somewhere, or its comparison would say nothing.
  for (const [road, { taken, shown }] of roads) {
    if (taken >= 25) assert.ok(shown > 0, `${road}: ${taken} taken, nothing shown`);
  }
});

test.run();
