import { once } from 'node:events';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { SafeError } from '../../src/errors/SafeError.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { Step } from '../../src/step/Step.ts';
import { registerSteps } from '../../src/step/stepClasses.ts';
import { constant, context, each, get, lambda, listen, loader, loadMany, loadOne } from '../../steps/index.ts';

/** What servers logged of errors that clients do not see, by id. */
export const logged: Map<string, unknown> = new Map();

/** The masking options of the servers under test. */
export const masking: { log(error: unknown, id: string): void } = {
  log: (error, id) => void logged.set(id, error),
};

interface User {
  readonly id: string;
  name: string;
  readonly friendIds: readonly string[];
}

/** What resolvers and steps of one server tell its test, and what they work on. */
export class World extends EventTarget {
  readonly users: readonly User[] = [
    { id: '1', name: 'Ada', friendIds: ['2', '3'] },
    { id: '2', name: 'Grace', friendIds: ['1'] },
    { id: '3', name: 'Zoë', friendIds: [] },
  ];
  /** The keys of each call of a loader. */
  readonly calls: string[] = [];
  readonly #seen = new Set<string>();

  say(event: string): void {
    this.#seen.add(event);
    this.dispatchEvent(new Event(event));
  }

  /** Waits until `event` has been said. */
  async heard(event: string): Promise<void> {
    if (!this.#seen.has(event)) await once(this, event);
  }

  /** Counts for ever, and says when it is closed. */
  async *subscribe(topic: string): AsyncGenerator<{ number: number }, void, void> {
    try {
      for (let number = 1; ; number++) {
        yield { number };
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.say(`${topic} closed`);
    }
  }
}

/** Represents a wait without end. Its world hears when it begins and when the request is aborted. */
class WaitStep extends Step<string, readonly [World]> {
  static override readonly op = 'test.servers.wait';

  constructor() {
    super();
    this.addGlobalDependency(get(context(), 'world') as Step<World>);
  }

  override execute(_count: number, [world]: readonly [World], { signal }: ExecuteExtra): Promise<never> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        world.say('aborted');
        reject(signal.reason);
      });
      world.say('waits');
    });
  }
}
registerSteps(WaitStep);

interface ServerContext {
  readonly world: World;
}

const userById = loader<User, string>({
  name: 'test.servers.userById',
  load(ids, { context: given }) {
    const { world } = given as unknown as ServerContext;
    world.calls.push(ids.join());
    return ids.map((id) => world.users.find((user) => user.id === id) ?? null);
  },
});

const friendIds = loader<readonly string[], string>({
  name: 'test.servers.friendIds',
  load(ids, { context: given }) {
    const { world } = given as unknown as ServerContext;
    world.calls.push(`friends of ${ids.join()}`);
    return ids.map((id) => world.users.find((user) => user.id === id)?.friendIds ?? []);
  },
});

/** Plans, which graphql-js could not execute, and resolvers beside them. */
export function testSchema(): GraphQLSchema {
  return makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { user(id: ID!): User fails: String safe: String coded: String hello(name: String = "you"): String waits: String }
      type Mutation { rename(id: ID!, name: String!): User }
      type Subscription { counted(upTo: Int!): Int numbers: Int refused: Int waiting: String }
      type User { id: ID! name: String! friends: [User!]! }
    `,
    objects: {
      Query: {
        plans: {
          user: (_$root, { $id }) => loadOne($id, userById),
          fails: {
            resolve() {
              throw new Error('This field fails.');
            },
          },
          safe: {
            resolve() {
              throw new SafeError('Sold out.', { code: 'SOLD_OUT' });
            },
          },
          coded: {
            resolve() {
              throw new GraphQLError('Log in first.', { extensions: { code: 'UNAUTHENTICATED' } });
            },
          },
          hello: { resolve: (_root: unknown, { name }: { name: string }) => `Hello ${name}` },
          waits: () => new WaitStep(),
        },
      },
      Mutation: {
        plans: {
          rename: {
            resolve(_root: unknown, { id, name }: { id: string; name: string }, { world }: ServerContext) {
              const user = world.users.find((known) => known.id === id);
              if (user !== undefined) user.name = name;
              return user;
            },
          },
        },
      },
      Subscription: {
        plans: {
          counted: {
            async *subscribe(_root: unknown, { upTo }: { upTo: number }) {
              for (let counted = 1; counted <= upTo; counted++) yield { counted };
            },
          },
          numbers: {
            subscribePlan: () => listen(get(context(), 'world') as never, 'numbers'),
            plan: ($event) => get($event, 'number'),
          },
          refused: {
            subscribe() {
              throw new Error('No events today.');
            },
          },
          waiting: {
            subscribePlan: () => listen(get(context(), 'world') as never, 'waiting'),
            plan: () => new WaitStep(),
          },
        },
      },
      User: {
        plans: {
          friends: ($user) => each(loadMany(get($user, 'id'), friendIds), ($id) => loadOne($id, userById)),
          name: ($user) => lambda([get($user, 'name'), constant('')], ([name, end]) => `${name}${end}`),
        },
      },
    },
  });
}
