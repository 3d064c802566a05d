import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureIssues } from '../../bench/kvetch/issues/measureIssues.ts';
import { openPlace } from '../../bench/kvetch/issues/openPlace.ts';
import { printIssues } from '../../bench/kvetch/issues/printIssues.ts';
import { issuePrograms } from '../../bench/kvetch/issues/programs.ts';
import { smallSize } from '../../examples/issue-tracker/store.ts';

const test = suite('bench: the view of the issue tracker');

const programs = issuePrograms.map(({ name }) => name);
const places = { mysql: [], redis: '', sqlite: '' };

test('all programs answer alike, and planql asks for no more than the program by hand', async () => {
  const place = await openPlace('memory', places, smallSize(60));
  const task = { place: 'memory', programs, clients: [1, 2], windows: 1, milliseconds: 1, warmUp: 1, places } as const;
  const outcome = await measureIssues(place, task);
  await place.close();
  assert.is(outcome.measured.length, programs.length * 2 * 2);
  const countsOf = (name: string) => outcome.counts.filter(({ program }) => program === name);
  for (const [at, { waits, calls, keys, waitsAgain }] of countsOf('planql').entries()) {
    assert.equal([waits, calls], [5, 5]);
    assert.is(waitsAgain, 2);
    assert.is(keys, countsOf('hand')[at]?.keys);
    assert.ok((countsOf('dataloader')[at]?.waits ?? 0) > waits);
  }
  assert.match(printIssues(outcome), /^\| planql, private \|.*\(\d/m);
});

test.run();
