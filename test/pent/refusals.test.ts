/** What the store refuses is told to clients, where it is their mistake: servers mask all other errors. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SafeError } from '../../src/errors/SafeError.ts';
import { createEngine, makeSchema, object } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, memoryShards } from '../../src/kvetch.ts';
import {
  addingEdge,
  definePents,
  deletePent,
  member,
  Pent,
  PentContext,
  pent,
  pentEdge,
  pentFromIndex,
  removingEdge,
  writeTogether,
} from '../../src/pent.ts';

const test = suite('refusals of the store');

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Team', fields: { name: 'string' } },
    { typeId: 2, name: 'Player', fields: { team: 'uuid' } },
  ],
  edges: [
    { edgeId: 1, name: 'players', from: 'Team', storedOn: 'Player', storedIdAttr: 'team', onDelete: 'refuse' },
    { edgeId: 2, name: 'fans', from: 'Team', to: 'Player', fields: { word: 'string' }, orderBy: ['word'] },
  ],
  indexes: [{ name: 'team_name', type: 'Team', attr: 'name', kind: 'string', unique: true }],
});

class Team extends Pent {
  static override readonly definition = { name: 'Team', typeId: 1 };
}
class Player extends Pent {
  static override readonly definition = { name: 'Player', typeId: 2, storedIds: { team: ['Team'] } };
}

const model = definePents({ schema, pents: [Team, Player], byDefault: 'allow' });

async function world() {
  const kvetch = createKvetch({ schema, shards: memoryShards(2) });
  const team = await kvetch.createObject('Team', {});
  const player = await kvetch.createObject('Player', { team });
  return { kvetch, team, player, context: () => new PentContext({ kvetch, model, viewer: 'ann' }) };
}

const refusal = (write: Promise<unknown>): Promise<SafeError> =>
  write.then(
    () => assert.unreachable('It was written.'),
    (error) => error,
  );

test('[6.4.3] a delete that is refused because of children is one that clients may read about', async () => {
  const { kvetch, team, player, context } = await world();
  const message =
    'This Team cannot be deleted while there are objects in its list "players". Delete or move them first.';
  const alone = await refusal(deletePent(context(), Team, team));
  assert.instance(alone, SafeError);
  assert.is(alone.message, message);
  assert.equal(alone.extensions, { code: 'HAS_CHILDREN' });
  const near = await kvetch.createObject('Team', {}, { near: team });
  const members = [member.update(Team, near, {}), member.delete(Team, team)];
  const together = await refusal(writeTogether(context(), members));
  assert.instance(together, SafeError);
  assert.equal(together.extensions, { code: 'HAS_CHILDREN', member: 1 });
  await deletePent(context(), Player, player);
  assert.is(await deletePent(context(), Team, team), team);
});

test('data that an edge cannot hold is INVALID_INPUT for clients', async () => {
  const { team, player, context } = await world();
  const write = { edge: 'fans', inverse: null, from: 'Team', to: 'Player' };
  const { execute } = createEngine({
    schema: makeSchema({
      typeDefs: `
        type Query { ok: Boolean }
        type Mutation { add(from: ID!, to: ID!, word: String): Payload! remove(from: ID!, to: ID!): Payload! }
        type Payload { team: Team }
        type Team { id: ID! }
      `,
      objects: {
        Mutation: {
          plans: {
            add: (_$root, { $from, $to, $word }) =>
              object({ team: addingEdge(write, { $from, $to, $data: object({ word: $word }) }) }),
            remove: (_$root, { $from, $to }) => object({ team: removingEdge(write, { $from, $to }) }),
          },
        },
      },
    }),
  });
  const add = (word: string) =>
    execute({
      document: parse(
        'mutation ($from: ID!, $to: ID!, $word: String) { add(from: $from, to: $to, word: $word) { team { id } } }',
      ),
      variableValues: { from: team, to: player, word },
      contextValue: context(),
    });
  const { errors = [] } = await add('\ud800');
  assert.equal(
    errors.map(({ originalError, extensions }) => [originalError instanceof SafeError, extensions.code]),
    [[true, 'INVALID_INPUT']],
  );
  assert.is((await add('well formed')).errors, undefined);
});

test('[10.5.8] a value that no index can hold, and an id where a page ends, are told to clients', async () => {
  const { team, player, context } = await world();
  const { execute } = createEngine({
    schema: makeSchema({
      typeDefs: `
        type Query { byName(name: String!): Team team(id: ID!): Team }
        type Team { id: ID! players(first: Int, last: Int, after: ID, before: ID): [Player!]! }
        type Player { id: ID! }
      `,
      objects: {
        Query: {
          plans: {
            byName: (_$root, { $name }) => pentFromIndex(Team, 'team_name', $name),
            team: (_$root, { $id }) => pent(Team, $id),
          },
        },
        Team: {
          plans: {
            players: ($team, { $first, $last, $after, $before }) =>
              pentEdge(Player, 'players', $team, { $first, $last, $after, $before }),
          },
        },
      },
    }),
  });
  const ask = async (text: string, variableValues: object): Promise<unknown> => {
    const { data, errors } = await execute({ document: parse(text), variableValues, contextValue: context() } as never);
    return errors === undefined ? data : errors.map(({ message, extensions }) => [extensions.code, message]);
  };
  assert.equal(await ask('query ($name: String!) { byName(name: $name) { id } }', { name: '\ud800' }), [
    ['BAD_VALUE', 'The value of the index "team_name" is "\\ud800", which is no well-formed text.'],
  ]);
  const page = (args: string): Promise<unknown> =>
    ask(`query ($id: ID!, $at: ID) { team(id: $id) { players(${args}) { id } } }`, { id: team, at: player });
  assert.equal(await page('last: 1, before: $at'), { team: { players: [] } });
  for (const args of ['first: 1, before: $at', 'last: 1, after: $at'])
    assert.equal(await page(args), [
      [
        'BAD_CURSOR',
        'A page begins at a cursor or an id, and ends at a cursor alone. Give an id as "after" with "first", or as "before" with "last".',
      ],
    ]);
});

test.run();
