import { type DocumentNode, type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import type { CodegenMode } from '../../src/execution/link/LinkedPlan.ts';
import {
  createEngine,
  type Engine,
  each,
  get,
  type LoadInfo,
  lambda,
  listen,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  sideEffect,
} from '../../src/index.ts';
import type { BatchOf } from '../../steps/load/BatchOptions.ts';

export interface Row {
  readonly id: string;
  readonly name: string;
}

export interface Call {
  readonly keys: readonly unknown[];
  readonly info: LoadInfo;
  /** Lets the call go on. */
  readonly open: () => void;
}

/** A loader that notes its calls, and an engine whose fields use it. */
export interface World {
  readonly engine: Engine;
  readonly calls: Call[];
  /** Waits until that many calls were begun. */
  begun(count: number): Promise<Call>;
}

export interface Behaviour {
  readonly batch?: BatchOf;
  /** Calls wait until they are let go on. */
  readonly isGated?: boolean;
  /** What a call makes of its keys instead of rows. */
  readonly answer?: (keys: readonly unknown[], info: LoadInfo) => unknown;
}

export const rows = (keys: readonly unknown[]): Row[] => keys.map((id) => ({ id: String(id), name: `n${id}` }));

/** The codegen of engines that are made from now on. */
export const road: { codegen: CodegenMode } = { codegen: 'auto' };

export function worldOf({ batch = {}, isGated = false, answer = rows }: Behaviour = {}): World {
  const calls: Call[] = [];
  let onCall = (): void => {};
  const load = async (keys: readonly unknown[], info: LoadInfo): Promise<never> => {
    await new Promise<void>((resolve) => {
      calls.push({ keys: [...keys], info, open: resolve });
      if (!isGated) resolve();
      onCall();
    });
    return (await answer(keys, info)) as never;
  };
  const row = loader<Row, string, { lang: string }>({ name: 'batching.row', load, batch });
  const list = loader<Row[], string>({
    name: 'batching.list',
    load: async (keys, info) => {
      await load(keys, info);
      return keys.map((key) => rows([`${key}a`, `${key}b`]));
    },
    batch,
  });
  const schema = makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { row(id: ID!, lang: String = "en"): Row  rows(ids: [ID!]!): [Row] }
      type Row { id: ID! name: String parts: [Row!] }
      type Mutation { write(id: ID!): Row }
      type Subscription { row: Row }
    `,
    objects: {
      Query: {
        plans: {
          row: (_$root, { $id, $lang }) => loadOne($id, row, { lang: $lang }),
          rows: (_$root, { $ids }) => each($ids, ($id) => loadOne($id as never, row as never)) as never,
        },
      },
      Row: { plans: { parts: ($row) => loadMany(get($row, 'id'), list) } },
      Mutation: {
        plans: {
          write: (_$root, { $id }) => {
            sideEffect($id, () => {});
            return loadOne($id, row as never) as never;
          },
        },
      },
      Subscription: {
        plans: {
          row: {
            subscribePlan: () =>
              listen(
                lambda(null, () => pubsub),
                'row',
              ) as never,
            plan: ($event) => loadOne($event as never, row as never) as never,
          },
        },
      },
    },
  });
  const begun = async (count: number): Promise<Call> => {
    while (calls.length < count) {
      await new Promise<void>((resolve) => {
        onCall = resolve;
      });
    }
    return calls[count - 1] as Call;
  };
  return { engine: createEngine({ schema, codegen: road.codegen }), calls, begun };
}

/** A source of events that are there at once. */
const pubsub = {
  async *subscribe(): AsyncGenerator<string> {
    yield '1';
    yield '2';
  },
};

export const rowQuery: DocumentNode = parse(
  'query ($id: ID!, $lang: String) { row(id: $id, lang: $lang) { id name } }',
);
export const listQuery: DocumentNode = parse('query ($id: ID!) { row(id: $id) { name parts { id } } }');
export const rowsQuery: DocumentNode = parse('query ($ids: [ID!]!) { rows(ids: $ids) { id } }');

export interface Asked {
  readonly lang?: string;
  readonly context?: unknown;
  readonly signal?: AbortSignal;
}

export async function ask(
  { engine }: World,
  id: unknown,
  { lang, context, signal }: Asked = {},
): Promise<ExecutionResult> {
  return engine.execute({
    document: rowQuery,
    variableValues: { id, ...(lang === undefined ? null : { lang }) },
    contextValue: context,
    abortSignal: signal,
    onAbort: 'RESPOND' as const,
  });
}

export const nameOf = ({ data }: ExecutionResult, field = 'row'): unknown =>
  (data?.[field] as Row | null | undefined)?.name;
export const messages = ({ errors = [] }: ExecutionResult): string[] => errors.map(({ message }) => message);
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A suite whose tests run twice: with plans that the driver runs first, and with plans that are compiled at once. */
export function onRoads(name: string): { add(test: string, run: () => unknown): void; run(): void } {
  const roads = (['auto', 'always'] as const).map((codegen) => ({
    codegen,
    tests: suite(`${name}, codegen ${codegen}`),
  }));
  return {
    add(test, run) {
      for (const { codegen, tests } of roads) {
        tests(test, async () => {
          road.codegen = codegen;
          await run();
        });
      }
    },
    run() {
      for (const { tests } of roads) tests.run();
    },
  };
}
