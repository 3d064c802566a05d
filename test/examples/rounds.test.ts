import { type DocumentNode, type GraphQLSchema, parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type KvetchSchema, memoryShards, type ShardStore } from 'planql/kvetch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { importFilms } from '../../examples/movies/importFilms.ts';
import { schema as movies } from '../../examples/movies/schema.ts';
import { storeSchema as movieStore } from '../../examples/movies/store.ts';
import { schema as todo } from '../../examples/todo-by-hand/schema.ts';
import { fill as fillTodo, storeSchema as todoStore } from '../../examples/todo-by-hand/store.ts';
import { todoView, userByUsername } from '../../examples/todo-by-hand/views.ts';
import { Database } from '../../examples/users-and-friends/database.ts';
import { document as friends } from '../../examples/users-and-friends/main.ts';
import { schema as users } from '../../examples/users-and-friends/schema.ts';
import { Rounds } from '../property/Rounds.ts';
import { reported } from '../support/reported.ts';

const test = suite('examples: waits in sequence [R24]');

type Variables = Readonly<Record<string, unknown>>;

/** How long a request waits with what starts ahead, and when each load starts in its turn. */
async function waitsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  variableValues: Variables,
  contextOf: (rounds: Rounds) => object,
): Promise<{ readonly ahead: number; readonly inTurn: number }> {
  const run = async (limits: { readonly speculation?: false }): Promise<[answer: string, rounds: number]> => {
    const rounds = new Rounds();
    const contextValue = contextOf(rounds);
    const result = await createEngine({ schema, limits }).execute({ document, variableValues, contextValue });
    const answer = JSON.stringify(result);
    assert.not.match(answer, /"errors"/);
    return [answer, rounds.rounds];
  };
  const [answer, ahead] = await run({});
  const [other, inTurn] = await run({ speculation: false });
  assert.is(answer, other);
  return { ahead, inTurn };
}

/** The same data behind a network. */
const kvetchOn = (schema: KvetchSchema, shards: readonly ShardStore[]) => (rounds: Rounds) => ({
  kvetch: createKvetch({ schema, shards: shards.map((store) => rounds.wrap(store)) }),
});

const todoShards = memoryShards(4);
const movieShards = memoryShards(3);
let userId = '';

test.before(
  reported(async () => {
    [userId = ''] = await fillTodo(createKvetch({ schema: todoStore, shards: todoShards }), 3);
    await importFilms(createKvetch({ schema: movieStore, shards: movieShards }));
  }),
);

test('todo: the view takes three', async () => {
  const context = kvetchOn(todoStore, todoShards);
  assert.equal(await waitsOf(todo, todoView, { id: userId }, context), { ahead: 3, inTurn: 5 });
  assert.equal(await waitsOf(todo, userByUsername, { username: 'user1' }, context), { ahead: 3, inTurn: 4 });
});

test('movies: lists are read with the objects that name them', async () => {
  const context = kvetchOn(movieStore, movieShards);
  const ask = (text: string) => waitsOf(movies, parse(text), {}, context);
  const director =
    '{ director(name: "Steven Spielberg") { filmCount films(first: 3) { films { distributor { name } } } } }';
  assert.equal(await ask(director), { ahead: 4, inTurn: 5 });
  const counts =
    '{ director(name: "Steven Spielberg") { films(first: 3) { films { distributor { name filmCount films(first: 2) { films { title } } } } } } }';
  assert.equal(await ask(counts), { ahead: 5, inTurn: 7 });
  const year = '{ filmsOfYear(year: 1977, first: 3) { films { director { name } byTheSameDirector { title } } } }';
  assert.equal(await ask(year), { ahead: 4, inTurn: 4 });
});

test('users and friends', async () => {
  const db = new Database();
  db.fill(1000);
  const context = (rounds: Rounds) => ({ db: rounds.object(db) });
  assert.equal(await waitsOf(users, friends, { first: 10 }, context), { ahead: 6, inTurn: 7 });
  db.close();
});

test.run();
