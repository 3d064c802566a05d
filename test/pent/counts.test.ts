/** Counts of readable objects in long lists: they tell nothing of hidden ones. */
import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import type { Kvetch } from '../../src/kvetch.ts';
import { as, openBoards } from './board.ts';
import { boardsSchema } from './boardSchema.ts';

const engine = createEngine({ schema: boardsSchema });
const test = suite('counts of readable objects');
let kvetch: Kvetch;

async function boardOf(hidden: number, shown: number): Promise<string> {
  const board = await kvetch.createObject('Board', { name: 'x', members: ['ann', 'bob'] });
  const make = async (count: number, data: object): Promise<void> => {
    for (let n = 0; n < count; n += 1000) {
      const cards = Array.from({ length: Math.min(1000, count - n) }, () => ({ data: { title: 'x', board, ...data } }));
      await kvetch.createObjects('Card', cards);
    }
  };
  await make(hidden, { secretOf: 'bob' });
  await make(shown, {});
  return board;
}

function count(board: string): Promise<ExecutionResult> {
  const document = parse('query ($id: UUID!) { board(id: $id) { connection { totalCount } } }');
  const contextValue = { pent: as('ann', kvetch) };
  return Promise.resolve(engine.execute({ document, variableValues: { id: board }, contextValue }));
}

const told = async (board: string): Promise<unknown> => JSON.parse(JSON.stringify(await count(board)));
const total = (totalCount: number): unknown => ({ data: { board: { connection: { totalCount } } } });

test.before(() => {
  kvetch = openBoards();
});
test.after(() => kvetch.close());

test('a list of hidden objects is counted as an empty one, however long it is', async () => {
  assert.equal(await told(await boardOf(0, 0)), total(0));
  assert.equal(await told(await boardOf(10_001, 0)), total(0));
  assert.equal(await told(await boardOf(10_001, 3)), total(3));
});

test('what lies behind 100,000 entries is not counted: no error tells of them, and other work has its turn', async () => {
  const board = await boardOf(100_001, 2);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const found = await told(board);
  clearInterval(timer);
  assert.equal(found, total(0));
  assert.ok(turns >= 5, String(turns));
});

test('only readable objects make a list too long to be counted', async () => {
  const { errors } = await count(await boardOf(5, 10_001));
  assert.match(errors?.[0]?.message ?? '', /may read more than 10000 objects/);
  assert.equal(await told(await boardOf(5, 10_000)), total(10_000));
});

test.run();
