/** Requests in parts: each field of a mutation, and all that is read below an effect, reads anew. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { context, createEngine, makeSchema, sideEffect } from '../../src/index.ts';
import type { Kvetch } from '../../src/kvetch.ts';
import { type PentContext, pent, updatePent } from '../../src/pent.ts';
import { as, Card, openBoards } from './board.ts';

interface Fixture {
  readonly kvetch: Kvetch;
  readonly board: string;
  readonly card: string;
}

async function fill(): Promise<Fixture> {
  const kvetch = openBoards();
  const board = await kvetch.createObject('Board', { name: 'Ours', members: ['ann'] });
  return { kvetch, board, card: await kvetch.createObject('Card', { title: 'old', board }) };
}

/** How a mutation's method changes the title of a card that it has read. */
type Change = (own: PentContext, kvetch: Kvetch, id: string) => Promise<unknown>;

const engineOf = (kvetch: Kvetch, change: Change) =>
  createEngine({
    schema: makeSchema({
      typeDefs: `
        type Query { card(id: ID!): Card }
        type Mutation { change(id: ID!): Card }
        type Card { title: String }`,
      objects: {
        Query: { plans: { card: (_$root, { $id }) => pent(Card, $id) } },
        Mutation: {
          plans: {
            change: (_$root, { $id }) =>
              pent(
                Card,
                sideEffect([context<PentContext>(), $id], async ([own, id]) => {
                  await Card.getX(own, String(id));
                  await change(own, kvetch, String(id));
                  return String(id);
                }),
              ),
          },
        },
      },
    }),
  });

const changes: Readonly<Record<string, Change>> = {
  'of this request': (own, _kvetch, id) => updatePent(own, Card, id, { title: 'new' }),
  'of the store that this request writes to': (own, _kvetch, id) => own.kvetch.updateObject(id, { title: 'new' }),
  'of somebody else': (_own, kvetch, id) => kvetch.updateObject(id, { title: 'new' }),
  'of somebody else, beside a write of this request': async (own, kvetch, id) => {
    await own.kvetch.createObject('Board', { name: 'Other', members: [] });
    await kvetch.updateObject(id, { title: 'new' });
  },
};

const test = suite('Pent: parts of a request');

for (const [name, change] of Object.entries(changes)) {
  test(`fields below an effect show a write ${name} [10.1.4, R19]`, async () => {
    const { kvetch, card } = await fill();
    const result = await engineOf(kvetch, change).execute({
      document: parse('mutation ($id: ID!) { change(id: $id) { title } }'),
      variableValues: { id: card },
      contextValue: as('ann', kvetch),
    });
    assert.equal(JSON.parse(JSON.stringify(result)), { data: { change: { title: 'new' } } });
  });

  test(`the second field of a mutation shows a write ${name} below the first [10.1.4, R19]`, async () => {
    const { kvetch, card } = await fill();
    let calls = 0;
    const second: Change = async (own, store, id) => {
      if (calls++ === 1) await change(own, store, id);
    };
    const result = await engineOf(kvetch, second).execute({
      document: parse('mutation ($id: ID!) { a: change(id: $id) { title } b: change(id: $id) { title } }'),
      variableValues: { id: card },
      contextValue: as('ann', kvetch),
    });
    assert.equal(JSON.parse(JSON.stringify(result)), { data: { a: { title: 'old' }, b: { title: 'new' } } });
  });
}

test.run();
