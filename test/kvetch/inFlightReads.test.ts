import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InFlightReads } from '../../src/kvetch/local/InFlightReads.ts';

const test = suite('kvetch: reads under way');

/** A call of the store that has not answered. */
interface Call {
  readonly keys: readonly number[];
  readonly isOver: Set<number>;
  answer(): void;
}

type Action =
  | { readonly kind: 'read'; readonly keys: readonly number[] }
  | { readonly kind: 'answer'; readonly which: number }
  | { readonly kind: 'write'; readonly key: number };

const key = fc.nat(12);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read'), keys: fc.uniqueArray(key, { minLength: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer'), which: fc.nat() }) },
  fc.record({ kind: fc.constant('write'), key }),
);

/** Of two flights with a key the later one counts, also when one that began before both has landed. */
const landedBetween: Action[] = [
  { kind: 'read', keys: [0, 1] },
  { kind: 'read', keys: [7, 0] },
  { kind: 'write', key: 7 },
  { kind: 'read', keys: [7, 0] },
  { kind: 'answer', which: 0 },
  { kind: 'read', keys: [7, 0] },
];

test('what has been read for long is read anew, lest its answer shows nothing that others wrote meanwhile', async () => {
  let now = 0;
  const open: Array<(answer: string) => void> = [];
  const flights = new InFlightReads<number, string>(
    {
      ...{ subjectOf: String, groupOf: String, isSame: (one, other) => one === other },
      ...{ accepts: () => true, onJoin: () => undefined, onLand: null },
    },
    () => now,
  );
  const read = (): PromiseLike<readonly unknown[]> =>
    flights.read(
      [1],
      { fresh: null, trace: null },
      () => new Promise((resolve) => open.push((answer) => resolve([answer]))),
    ) as PromiseLike<readonly unknown[]>;
  const first = read();
  now = 100;
  const joined = read();
  now = 101;
  const anew = read();
  const joinsIt = read();
  assert.is(open.length, 2);
  open[0]?.('old');
  open[1]?.('new');
  assert.equal(await Promise.all([first, joined, anew, joinsIt]), [['old'], ['old'], ['new'], ['new']]);
});

test('a key is asked for exactly when nobody is reading it, or it was written to since', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const open: Call[] = [];
      const landed: number[] = [];
      const reads: Array<{ readonly keys: readonly number[]; readonly answers: unknown }> = [];
      const expectedToLand: number[] = [];
      const flights = new InFlightReads<number, string>(
        {
          ...{ subjectOf: (one) => String(one % 4), groupOf: String, isSame: (one, other) => one === other },
          ...{ accepts: () => true, onJoin: () => undefined, onLand: (one) => landed.push(one) },
        },
        () => 0,
      );
      const load = (keys: readonly number[]): Promise<readonly string[]> =>
        new Promise((resolve) => {
          open.push({ keys, isOver: new Set(), answer: () => resolve(keys.map(String)) });
        });
      for (const one of actions) {
        if (one.kind === 'read') {
          const missing = one.keys.filter((k) => !open.some(({ keys, isOver }) => keys.includes(k) && !isOver.has(k)));
          const before = open.length;
          reads.push({ keys: one.keys, answers: flights.read(one.keys, { fresh: null, trace: null }, load) });
          assert.equal(
            open.slice(before).flatMap(({ keys }) => keys),
            missing,
          );
        } else if (one.kind === 'write') {
          flights.end(String(one.key));
          for (const { isOver } of open) isOver.add(one.key);
        } else if (open.length > 0) {
          const [call] = open.splice(one.which % open.length, 1) as [Call];
          call.answer();
          expectedToLand.push(...call.keys.filter((k) => !call.isOver.has(k)));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      for (const call of open) {
        expectedToLand.push(...call.keys.filter((k) => !call.isOver.has(k)));
        call.answer();
      }
      for (const { keys, answers } of reads) assert.equal(await answers, keys.map(String));
      assert.equal(landed.sort(), expectedToLand.sort());
    }),
    { numRuns: 300, examples: [[landedBetween]] },
  );
});

test.run();
