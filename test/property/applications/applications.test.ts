import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runApplication } from './runApplication.ts';

/** More of them, and other stores: `npm run property:applications`. The second declares lists while there is data. */
const seeds = [6000, 6002];

const test = suite('random applications');

for (const seed of seeds) {
  test(`seed ${seed} does what plain arrays of objects do`, async () => {
    const report = await runApplication({ seed, steps: 100, store: 'memory' });
    assert.equal(report.failures, []);
    assert.ok(report.asked > 30, `${report.asked} queries`);
    assert.ok(report.written > 50, `${report.written} writes`);
    assert.ok(report.refused > 0, `${report.refused} refused writes`);
    assert.is(report.isEvolved, seed === 6002);
  });
}

test.run();
