import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryShards } from '../../src/kvetch.ts';
import { idsOf, todoStore } from './todo.ts';

const test = suite('large batches');

/** More than one call takes as arguments. */
const MANY = 130_000;

test('createObjects writes the edges and index entries of as many objects as it is given', async () => {
  const kvetch = todoStore(memoryShards(1));
  const [owner = ''] = idsOf(await kvetch.createObjects('User', [{ data: {} }]));
  const lists = idsOf(await kvetch.createObjects('List', new Array(MANY).fill({ data: { owner } })));
  assert.is(new Set(lists).size, MANY);
  assert.is(await kvetch.countEdges('user_to_list', owner), MANY);
  await kvetch.close();
});

test.run();
