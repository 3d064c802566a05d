/** What the tests of the client's behaviours have in common. */
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { suite, type Test } from 'uvu';
import { makeSchema } from '../../../src/index.ts';
import type { Kvetch } from '../../../src/kvetch.ts';
import type { NewVersions } from '../../../src/reactive/client/HeldSet.ts';
import type { TransportEvents } from '../../../src/reactive/client/transports/Transport.ts';
import { dependsOn, manualKey } from '../../../src/reactive.ts';
import type { ReactiveClient, ReactiveClientOptions, Transport } from '../../../src/reactive-client.ts';
import { until } from '../../support/until.ts';
import { fresh, openClient, openTodo, type ServerOptions, socketTo, type TodoServer, type Watched } from './world.ts';

export const LISTS =
  'query ($id: UUID!) { todoUser(id: $id) { id name todoLists { id name todoItems { id text todoItemStatus } } } }';
export const SET_ITEM =
  'mutation ($id: UUID!, $data: UpdateTodoItemData!) { updateTodoItem(id: $id, data: $data) { todoItem { id } } }';
export const ADD_ITEM =
  'mutation ($text: String!, $list: UUID!) { createTodoItem(data: { text: $text, todoList: $list }) { todoItem { id } } }';

export interface Lists {
  readonly todoUser: {
    readonly name: string;
    readonly todoLists: readonly {
      readonly id: string;
      readonly name: string;
      readonly todoItems: readonly { readonly id: string; readonly text: string; readonly todoItemStatus: string }[];
    }[];
  };
}

export interface Opened {
  readonly todo: TodoServer;
  readonly kvetch: Kvetch;
  readonly port: number;
  readonly ada: string;
  readonly listIds: readonly string[];
  readonly itemIds: readonly string[];
  client(own?: Partial<ReactiveClientOptions>): ReactiveClient;
  showsFresh(shown: Watched, query: string, id: string): Promise<void>;
}

export interface Cases {
  readonly test: Test;
  /** Called after each test, the last one first. */
  readonly ends: (() => unknown)[];
  /** A server with a user who has some lists, each with one item. */
  open(lists?: number, options?: ServerOptions): Promise<Opened>;
}

/** A suite whose tests open servers and clients. */
export function casesOf(name: string): Cases {
  const test = suite(name);
  const ends: (() => unknown)[] = [];
  test.after.each(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return {
    test,
    ends,
    async open(lists = 1, options = {}) {
      const todo = await openTodo(options);
      ends.push(() => todo.end());
      const { kvetch, port } = todo;
      const ada = await kvetch.createObject('TodoUser', { name: 'Ada', username: 'ada' });
      const listIds: string[] = [];
      const itemIds: string[] = [];
      for (let n = 0; n < lists; n++) {
        const list = await kvetch.createObject('TodoList', { name: `list ${n}`, owner: ada });
        listIds.push(list);
        const item = { text: `item ${n}`, todoItemStatus: 'OPEN', todoList: list };
        itemIds.push(await kvetch.createObject('TodoItem', item));
      }
      return {
        ...{ todo, kvetch, port, ada, listIds, itemIds },
        client(own = {}) {
          const made = openClient(port, own);
          ends.push(() => made.close());
          return made;
        },
        showsFresh: (shown, query, id) =>
          until('it shows what is stored', async () => {
            return JSON.stringify(shown.now()) === JSON.stringify(await fresh(port, query, { id }));
          }),
      };
    },
  };
}

export const at = <T>(list: readonly T[], index: number): T => list[index] as T;
export const lists = (shown: Watched): Lists['todoUser']['todoLists'] => (shown.data() as Lists).todoUser.todoLists;
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export interface Things {
  readonly things: { id: string; name: string; isOpen: boolean }[];
  readonly state: { isBroken: boolean };
  readonly schema: GraphQLSchema;
}

/** Things in memory, newest first; one key is all that is recorded of them; `broken` fails. */
export function openThings(): Things {
  const things = [
    { id: '1', name: 'one', isOpen: true },
    { id: '2', name: 'two', isOpen: true },
    { id: '3', name: 'three', isOpen: true },
  ];
  const state = { isBroken: false };
  const schema = makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { things(isOpen: Boolean): [Thing!]! tags: [Tag!]! broken: String nothing: Thing }
      interface Named { name: String! }
      type Thing implements Named { id: ID! name: String! isOpen: Boolean! }
      type Tag implements Named { name: String! other: Int }
    `,
    objects: {
      Query: {
        resolvers: {
          things: (_root: unknown, { isOpen }: { isOpen?: boolean }) => {
            dependsOn(manualKey('things'));
            return things
              .filter((thing) => isOpen === undefined || thing.isOpen === isOpen)
              .map((thing) => ({ ...thing }));
          },
          tags: () => {
            dependsOn(manualKey('tags'));
            return things.map(({ name }) => ({ name }));
          },
          broken: () => {
            dependsOn(manualKey('broken'));
            if (state.isBroken) throw new GraphQLError('It is broken.');
            return 'whole';
          },
        },
      },
    },
  });
  return { things, state, schema };
}

/** A transport whose news are kept, to be told by the test. */
export function heldBack(port: number): { transport: Transport; news: NewVersions[]; events(): TransportEvents } {
  const news: NewVersions[] = [];
  let events: TransportEvents | null = null;
  const transport: Transport = (own) => {
    events = own;
    return socketTo(port)({ ...own, stale: (versions) => void news.push(versions) });
  };
  return { transport, news, events: () => events as TransportEvents };
}
