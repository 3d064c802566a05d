/** Records are bounded, whatever clients send (rule R26). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import { toNotes } from '../../src/inspector/notes.ts';
import { Ring } from '../../src/inspector/Ring.ts';
import { StepCalls } from '../../src/inspector/StepCalls.ts';
import { createInspector } from '../../src/inspector.ts';
import { asked, inspected, type Summary, schema, userQuery } from './world.ts';

const test = suite('inspector: bounds');

test('a ring keeps so many records and so many bytes, the newest', () => {
  const left: number[] = [];
  const ring = new Ring<{ id: number; bytes: number }>(3, 100, ({ id }) => void left.push(id));
  for (let id = 0; id < 5; id++) ring.add({ id, bytes: 10 });
  assert.equal([ring.newest().map(({ id }) => id), left, ring.bytes, ring.dropped], [[4, 3, 2], [0, 1], 30, 2]);
  const large = { id: 5, bytes: 95 };
  ring.add(large);
  assert.equal([ring.newest().map(({ id }) => id), ring.bytes], [[5], 95]);
  ring.grow(large, 10);
  assert.equal([ring.newest(), ring.bytes, ring.size], [[], 0, 0], 'what is too large alone is not kept');
  ring.grow(large, 10);
  assert.is(ring.bytes, 0, 'what has left does not count');
});

test('many calls of a step become one line, and sums stay right', () => {
  const calls = new StepCalls();
  for (let n = 0; n < 10_000; n++) calls.onCall([1, 2], 3, 0.5, n === 7, n);
  for (let n = 0; n < 10_000; n++) calls.onTrace(1, n % 2 === 0 ? 'keys' : `name ${n}`, 1);
  const bytes = calls.finish(null);
  assert.ok(bytes < 300_000, `${bytes} bytes`);
  const [first, second] = calls.steps();
  assert.equal([first?.step, first?.calls, first?.rows, first?.ms, first?.waited], [1, 10_000, 30_000, 5000, true]);
  assert.equal([second?.step, second?.calls], [2, 10_000]);
  assert.is(first?.notes.keys, 5000, 'a note that is known goes on');
});

const hostile: Readonly<Record<string, string>> = {
  'a text of 1 MB': `{ bare } # ${'x'.repeat(1 << 20)}`,
  'a name of 1 MB': `query N${'n'.repeat(1 << 20)} { bare }`,
  '10,000 aliases': `{ ${Array.from({ length: 10_000 }, (_, n) => `a${n}: bare`).join(' ')} }`,
  '10,000 errors': `{ ${Array.from({ length: 10_000 }, (_, n) => `e${n}: fails(text: "${n} ${'y'.repeat(80)}")`).join(' ')} }`,
  'a text in many alphabets': `{ fails(text: "${'𝒳語'.repeat(200_000)}") }`,
};
for (const [what, text] of Object.entries(hostile)) {
  test(`${what} takes a record of less than 1 MB, which is counted`, async () => {
    const { engine, inspector, json, close } = inspected();
    await engine.execute({ document: parse(text) });
    const { bytes } = inspector.stats;
    assert.ok(bytes > 1000 && bytes < 1_000_000, `${bytes} bytes`);
    const { operations } = await json();
    const detail = await json(`/__inspect.json?operation=${operations[0].id}`);
    assert.is(detail.isWhole, false);
    assert.ok(detail.text.length <= 32_000 && operations[0].name.length <= 200);
    assert.ok(JSON.stringify(detail).length < 1_000_000);
    const plan = await inspector.handle(new Request('http://localhost/__inspect/plan?operation=1'));
    assert.is(plan?.status, 404, 'a plan is drawn of whole texts only');
    await close();
  });
}

test('all records together stay below the limit, and the oldest leave', async () => {
  const { engine, inspector, json, close } = inspected({ maxBytes: 400_000 });
  for (let n = 0; n < 60; n++) {
    await engine.execute({ document: parse(`query Q${n} { ${'bare '.repeat(1500)} }`) });
    assert.ok(inspector.stats.bytes <= 400_000);
  }
  const { operations, stats } = await json();
  assert.is(operations[0].name, 'Q59');
  assert.ok(operations.length < 60 && stats.dropped === 60 - operations.length, `${operations.length}`);
  await close();
});

test('the keys that responses depend on are counted, and leave with their record', async () => {
  const { reactive, kvetch, inspector, json, close } = inspected({ maxOperations: 3 });
  const id = await kvetch.createObject('User', { name: 'Ada' });
  const ofChanges = inspector.stats.bytes;
  for (let n = 0; n < 10; n++) {
    const contextValue = { kvetch: kvetch.forRequest() };
    await reactive.execute({ document: userQuery, variableValues: { id }, contextValue, subject: 'a', ...asked });
  }
  const { operations } = await json();
  assert.is(operations.length, 3);
  assert.ok(operations.every(({ dependencies }: Summary) => dependencies.count > 0));
  const ofOperations = operations.reduce((sum: number, { bytes }: Summary) => sum + bytes, 0);
  assert.is(inspector.stats.bytes, ofChanges + ofOperations);
  await close();
});

test('what other servers say is read with care', () => {
  const effect = { server: 's'.repeat(10_000), kind: 'live', name: 7, operation: null, ms: 'x' };
  const texts: readonly [unknown, number][] = [
    ['no JSON', 0],
    [{ t: 'made' }, 0],
    [
      [
        null,
        1,
        'made',
        { t: 'made' },
        { t: 'told', id: 'e:1', server: 'a' },
        { t: 'other', id: 'e:1', server: 'a', at: 1 },
      ],
      0,
    ],
    [[{ t: 'told', id: 'e:1', server: 'a', at: 1, told: { session: 'many', __proto__: 1 } }], 1],
    [[{ t: 'made', id: 'e:1', server: 'a', at: 1, kinds: { o: 'x', ['k'.repeat(1000)]: 2 } }], 1],
    [
      [
        { t: 'effect', id: 'e:1', effect },
        { t: 'effect', id: 'e:1', effect: { kind: 'other' } },
      ],
      1,
    ],
    [Array.from({ length: 5000 }, () => ({ t: 'told', id: 'e:1', server: 'a', at: 1 })), 1000],
  ];
  for (const [given, count] of texts) {
    const notes = toNotes(typeof given === 'string' ? given : JSON.stringify(given));
    assert.is(notes.length, count, JSON.stringify(given).slice(0, 80));
    assert.ok(notes.length === 1000 || JSON.stringify(notes).length < 500);
  }
  assert.equal(toNotes(`[${' '.repeat(2 << 20)}]`), []);
});

test('what an inspector says that it keeps is what it keeps (measured)', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const engine = createEngine({ schema, planCache: { max: 0 }, documents: { max: 0 } });
  const run = async (n: number): Promise<void> => {
    const fields = Array.from({ length: 60 }, (_, at) => `f${at}: fails(text: "${n} ${at}")`).join(' ');
    await engine.execute({ document: parse(`query Q${n} { ${fields} slow(of: 3) }`) });
  };
  for (let n = 0; n < 300; n++) await run(n);
  const measure = async (): Promise<number> => {
    for (let n = 0; n < 4; n++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20)); // what a turn of the event loop holds
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = await measure();
  const inspector = createInspector({ engine });
  for (let n = 0; n < 200; n++) await run(n);
  const kept = (await measure()) - before;
  const { bytes, kept: records } = inspector.stats;
  inspector.close();
  assert.is(records, 200);
  assert.ok(kept < 1.1 * bytes + 300_000, `${kept} bytes are kept, ${bytes} are counted`);
  const summary: Summary = { kept, bytes };
  console.log(`    200 records: ${JSON.stringify(summary)}`);
});

test.run();
