/** Rules that ask each other by thousands let other work have its turn: counted in rules, not in time. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import {
  allowAll,
  allowIf,
  canRead,
  canReadMany,
  definePents,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
  requireThat,
  sameAs,
} from '../../src/pent.ts';

const COUNT = 16_000;
/** So many rules may go on in one turn of the event loop. */
const IN_A_TURN = 1_500;
/** So many may begin in one: those of reads, and those that questions lead to. */
const BEGUN_IN_A_TURN = 4_096;

const schema = defineKvetchSchema({
  objects: ['Ring', 'Folder', 'Sibling'].map((name, n) => ({
    ...{ typeId: 500 + n, name, fields: { next: 'uuid', open: 'bool' } as const },
  })),
});

/** How many rules have gone on with an answer. */
let answered = 0;
/** How many have begun. */
let begun = 0;

class Ring extends Pent {
  static override readonly definition: PentDefinition = { name: 'Ring', typeId: 500 };
  static override readonly privacy: Policy<Ring> = {
    read: [
      allowIf('next', async ({ $record }, context) => {
        begun++;
        const isReadable = await canRead(context, $record.next as string | null);
        answered++;
        return isReadable;
      }),
      allowIf('open', ({ $record }) => $record.open === true),
    ],
  };
}

class Folder extends Pent {
  static override readonly definition: PentDefinition = { name: 'Folder', typeId: 501 };
  static override readonly privacy: Policy<Folder> = {
    read: [
      allowIf('open', ({ $record }) => $record.open === true),
      sameAs('next'),
      requireThat('counted', () => ++answered > 0),
      allowAll,
    ],
  };
}

/** Its test decides on many at once, until they turn out to wait for each other. */
class Sibling extends Pent {
  static override readonly definition: PentDefinition = { name: 'Sibling', typeId: 502 };
  static override readonly privacy: Policy<Sibling> = {
    read: [
      allowIf('open', ({ $record }) => $record.open === true),
      requireThat('next', {
        many: async (all, context) => {
          const ids = all.map(({ $record }) => $record.next);
          const answers = await canReadMany(context, ids);
          answered += ids.length;
          return answers;
        },
      }),
      allowAll,
    ],
  };
}

const model = definePents({ schema, pents: [Ring, Folder, Sibling], byDefault: 'deny' });

/** Each asks about the one before it, the first about the last. */
async function ringOf(type: string, isClosed: boolean, isOpen: boolean): Promise<[Kvetch, readonly string[]]> {
  const kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const ids = Array.from({ length: COUNT }, () => kvetch.newId(type));
  for (const [n, id] of ids.entries()) {
    const next = ids[n - 1] ?? (isClosed ? ids.at(-1) : null);
    await kvetch.createObject(type, { next, open: n === 0 && isOpen }, { id });
  }
  return [kvetch, ids];
}

/** The result of a read, and the most rules that went on in one turn of the event loop. */
async function counted<T>(
  read: () => Promise<T>,
): Promise<{ result: T; most: number; mostBegun: number; all: number }> {
  let most = 0;
  let last = 0;
  let mostBegun = 0;
  let lastBegun = 0;
  let isOver = false;
  const note = (): void => {
    most = Math.max(most, answered - last);
    mostBegun = Math.max(mostBegun, begun - lastBegun);
    [last, lastBegun] = [answered, begun];
    if (!isOver) setImmediate(note);
  };
  answered = begun = 0;
  setImmediate(note);
  const result = await read();
  isOver = true;
  note();
  return { result, most, mostBegun, all: answered };
}

const test = suite('large circles of rules');

for (const type of [Ring, Folder, Sibling]) {
  for (const [isClosed, isOpen] of [
    [true, false],
    [true, true],
    [false, true],
  ] as const) {
    const name = `${type.name}: a ${isClosed ? 'circle' : 'chain'} of ${COUNT}${isOpen ? ' with a way out' : ''}`;
    test(`${name} goes on in small parts`, async () => {
      const [kvetch, ids] = await ringOf(type.name, isClosed, isOpen);
      const context = new PentContext({ kvetch, model, viewer: null, onError: () => {} });
      const { result, most, all } = await counted(() => Pent.getMany(context, ids.slice(-1_000)));
      assert.is(result.filter((pent) => pent !== null).length, isOpen ? 1_000 : 0);
      assert.ok(most <= IN_A_TURN, `${most} of ${all} in one turn`);
      assert.ok(all >= COUNT - 1 || !isOpen, String(all));
    });
  }
}

for (const [title, size] of [
  ['16 reads of 1,000 objects', 1_000],
  ['one read of 16,000 objects', COUNT],
] as const) {
  test(`${title} in a circle, in one turn of the event loop, begin in parts`, async () => {
    const [kvetch, ids] = await ringOf('Ring', true, true);
    const context = new PentContext({ kvetch, model, viewer: null, onError: () => {} });
    const reads: string[][] = [];
    for (let at = 0; at < COUNT; at += size) reads.push(ids.slice(at, at + size));
    const { result, mostBegun } = await counted(() => Promise.all(reads.map((own) => Pent.getMany(context, own))));
    assert.ok(result.flat().every((pent) => pent !== null));
    assert.is(result.flat().length, COUNT);
    assert.ok(mostBegun <= BEGUN_IN_A_TURN, `${mostBegun} in one turn`);
  });
}

test('a request that ends while its objects wait for their turn gets no answer, and its rules do not begin', async () => {
  const [kvetch, ids] = await ringOf('Ring', false, true);
  const ending = new AbortController();
  const context = new PentContext({ kvetch, model, viewer: null, signal: ending.signal, onError: () => {} });
  begun = 0;
  const read = Pent.getMany(context, ids).then(
    () => 'answered',
    (error: unknown) => error,
  );
  while (begun === 0) await new Promise(setImmediate);
  ending.abort(new Error('gone'));
  assert.is(((await read) as Error).message, 'gone');
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  assert.ok(begun <= BEGUN_IN_A_TURN, String(begun));
});

test.run();
