import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sourceFilesIn } from '../support/repository.ts';
import { castsOf } from './castsOf.ts';

/** How many type assertions `src` and `steps` may hold, all in all: it only falls (decision engine-assertions). */
const BUDGET = 450;

test('there are no more type assertions than there were', () => {
  const counts = [...sourceFilesIn('src'), ...sourceFilesIn('steps')].map(
    (file) => [castsOf(file).length, file] as const,
  );
  const total = counts.reduce((sum, [count]) => sum + count, 0);
  const most = [...counts].sort(([a], [b]) => b - a).slice(0, 10);
  const remedy = 'Type the value where it is made, or take one away elsewhere. Most are in:';
  assert.ok(
    total <= BUDGET,
    `${total} type assertions, and ${BUDGET} are allowed. ${remedy}\n${most.map((one) => one.join(' ')).join('\n')}`,
  );
  assert.ok(total > BUDGET - 40, `There are but ${total} type assertions: lower the budget.`);
});

test('type assertions are counted as such', () => {
  assert.equal(castsOf('test/architecture/castSamples.ts'), [2, 4]);
});

test.run();
