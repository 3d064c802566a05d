import { type ExecutionResult, type GraphQLSchema, execute as graphqlExecute, parse } from 'graphql';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';
import { compareResults } from '../conformance/compareResults.ts';
import { allPasses, plain } from '../conformance/roads.ts';
import { schemaOf, type TypeBehaviour } from '../conformance/schemaOf.ts';

/** What user code was asked for in one request, in order. */
export class Log {
  readonly asked: string[] = [];

  /** An object whose properties are getters. Each notes when it is read. */
  object(name: string, values: Readonly<Record<string, () => unknown>>): object {
    const result = {};
    for (const [key, value] of Object.entries(values)) {
      const get = (): unknown => {
        this.asked.push(`${name}.${key}`);
        return value();
      };
      Object.defineProperty(result, key, { get, enumerable: true });
    }
    return result;
  }

  /** A function that notes when it is called. */
  call<T>(name: string, value: () => T): () => T {
    return () => {
      this.asked.push(`${name}()`);
      return value();
    };
  }

  /** An iterable that can be read again, and notes each item that is read. */
  iterable(name: string, values: readonly unknown[]): Iterable<unknown> {
    const { asked } = this;
    return {
      *[Symbol.iterator]() {
        asked.push(`${name}[]`);
        for (const [index, value] of values.entries()) {
          asked.push(`${name}[${index}]`);
          yield value;
        }
      },
    };
  }

  get sorted(): readonly string[] {
    return [...this.asked].sort();
  }

  /** What was asked more than once. */
  get repeated(): readonly string[] {
    return this.asked.filter((one, index) => this.asked.indexOf(one) !== index);
  }
}

const typeDefs = `
  scalar Logged
  scalar Late
  type Query { ${fields('Item')} }
  type Mutation { ${fields('Item')} }
  type Subscription { ${fields('Item')} }
  interface Node { id: Int }
  type Item implements Node { ${fields('Item')} }
  type Other implements Node { id: Int other: Int }
`;

function fields(item: string): string {
  return `id: Int n: Int a: Int b: Int c: Int must: Int! text: String logged: Logged late: Late lates: [Late] mustLate: Late!
    item: ${item} mustItem: ${item}! items: [${item}] mustItems: [${item}!] grid: [[${item}!]!] ints: [Int] mustInts: [Int!]
    node: Node nodes: [Node] mustNode: Node!`;
}

/** A schema without resolvers. Its scalars note what they serialise: to the log that is the context of the request. */
export function schemaWith(log: { current: Log }, more: Readonly<Record<string, TypeBehaviour>> = {}): GraphQLSchema {
  const note = (value: unknown): void => {
    log.current.asked.push(`serialize ${JSON.stringify(value)}`);
  };
  return schemaOf(typeDefs, {
    Logged: {
      serialize(value) {
        note(value);
        return value;
      },
    },
    Late: {
      async serialize(value) {
        note(value);
        await null;
        return value;
      },
    },
    ...more,
  });
}

export interface AskedCase {
  readonly name: string;
  readonly operation: string;
  /** The root value of one request. */
  readonly root: (log: Log) => unknown;
  readonly args?: Partial<RequestArgs>;
  readonly more?: Readonly<Record<string, TypeBehaviour>>;
  /** The answer, where graphql-js has another, or none. Absent: graphql-js is asked. */
  readonly expected?: unknown;
  /** What is asked, where graphql-js asks for something else. `once`: each thing at most once, where it asks again. */
  readonly asked?: readonly string[] | 'once';
}

type Road = (args: RequestArgs) => Promise<ExecutionResult>;

/** The roads that a request can take through an engine. */
export function roadsOf(schema: GraphQLSchema): Readonly<Record<string, Road>> {
  const closures = createEngine({ schema, codegen: 'never' });
  const generated = createEngine({ schema, codegen: 'always' });
  const bare = createEngine({ schema, disabledPasses: allPasses });
  const decoded = (bytes: Uint8Array): ExecutionResult => JSON.parse(Buffer.from(bytes).toString('utf8'));
  const roads: Record<string, Road> = {
    closures: async (args) => closures.execute(args),
    'generated code': async (args) => generated.execute(args),
    'no passes': async (args) => bare.execute(args),
    import: (args) => executeImported(schema, closures, args),
    payloads: async (args) => {
      let last: Uint8Array | null = null;
      for await (const payload of closures.executeToPayloads(args)) last = payload;
      return decoded(last as Uint8Array);
    },
  };
  for (const [kind, engine] of Object.entries({ closures, generated })) {
    roads[`text, ${kind}`] = async (args) => JSON.parse(await engine.executeToString(args));
    roads[`bytes, ${kind}`] = async (args) => decoded(await engine.executeToBuffer(args));
    roads[`chunks, ${kind}`] = async (args) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of engine.executeToChunks(args)) chunks.push(chunk);
      return decoded(Buffer.concat(chunks));
    };
    roads[`parts, ${kind}`] = async (args) => (await engine.executeIncrementally(args)) as ExecutionResult;
  }
  return roads;
}

async function executeImported(schema: GraphQLSchema, engine: Engine, args: RequestArgs): Promise<ExecutionResult> {
  const executor = createExecutor({ schema });
  executor.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(args.document as never)))));
  return executor.execute(args);
}

/** Answers the case on every road, and compares the answers, and what was asked for them, with those of graphql-js. */
export async function askOnEveryRoad(one: AskedCase): Promise<void> {
  const log = { current: new Log() };
  const schema = schemaWith(log, one.more);
  const document = parse(one.operation);
  const reference = new Log();
  log.current = reference;
  const given = { schema, document, rootValue: one.root(reference), contextValue: reference };
  const known = one.expected === undefined ? ((await graphqlExecute(given)) as ExecutionResult) : null;
  const asked = one.asked ?? (known === null ? 'once' : reference.sorted);
  for (const [road, execute] of Object.entries(roadsOf(schema))) {
    for (const round of ['first', 'second']) {
      const own = new Log();
      log.current = own;
      const result = await execute({ document, rootValue: one.root(own), contextValue: own, ...one.args });
      const where = `${road}, ${round} request`;
      if (known === null) assert.equal(JSON.parse(JSON.stringify(plain(result))), one.expected, where);
      else if (!(result.errors?.[0] instanceof Error) && result.errors !== undefined)
        compareTexts(known, result, where);
      else compareData(known, result, where);
      if (asked !== 'once') assert.equal(own.sorted, [...asked].sort(), `${where}: what was asked`);
      else assert.equal(own.repeated, [], `${where}: asked more than once`);
    }
  }
}

function compareData(known: ExecutionResult, result: ExecutionResult, where: string): void {
  const copy = { ...result, data: result.data ?? null } as ExecutionResult;
  const expected = { ...known, data: JSON.parse(JSON.stringify(known.data ?? null)) } as ExecutionResult;
  const difference = compareResults(expected, { ...copy, data: JSON.parse(JSON.stringify(copy.data)) }, false);
  if (difference !== null) assert.unreachable(`${where}: ${difference}`);
}

/** Errors of a response as text are data; they are compared without their order. */
function compareTexts(known: ExecutionResult, result: ExecutionResult, where: string): void {
  assert.equal(result.data, JSON.parse(JSON.stringify(known.data ?? null)), where);
  const paths = ({ errors }: ExecutionResult): string[] => (errors ?? []).map(({ path }) => `${path}`).sort();
  assert.equal(paths(result), paths(known), where);
}
