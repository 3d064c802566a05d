import { type DocumentNode, type ExecutionResult, type GraphQLSchema, parse, print } from 'graphql';
import { incrementalTypeDefs, type RequestArgs } from 'planql';
import type { Attempt } from './attempt.ts';
import { planSchemaOf } from './planSchema.ts';
import { resolverSchemaOf } from './resolverSchema.ts';
import { pentContext, store } from './store.ts';
import { typeDefsOf } from './typeDefs.ts';
import { type RequestContext, rowAt, type Tables } from './World.ts';

/** Who asks: each engine answers all of them. */
export const VIEWERS = [0, 1] as const;

export type OwnRequest = RequestArgs & { readonly contextValue: RequestContext };

/** What all runs of an attempt have in common. */
export class Subject {
  readonly attempt: Attempt;
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  /** Whether graphql-js left promises rejected: it reads what a step may not, and resolvers drop what they read. */
  dropsPromises = false;

  constructor(attempt: Attempt) {
    this.attempt = attempt;
    this.schema = planSchemaOf(attempt.spec);
    this.document = parse(attempt.operation.text);
  }

  get isSubscription(): boolean {
    return this.attempt.operation.text.startsWith('subscription');
  }

  /** The schema with resolvers, of any graphql-js. */
  referenceSchema(build: (typeDefs: string) => GraphQLSchema): GraphQLSchema {
    const { spec, knobs } = this.attempt;
    // graphql-js 17 executes nothing else with a schema that has these directives.
    const directives = knobs.incremental ? print(incrementalTypeDefs) : '';
    return resolverSchemaOf(spec, `${typeDefsOf(spec)}\n${directives}`, build);
  }

  request(viewer = 0): OwnRequest {
    const { operation } = this.attempt;
    return {
      document: this.document,
      rootValue: { region: 'eu', limit: 2 },
      contextValue: contextOf(this.attempt, viewer),
      variableValues: structuredClone(operation.variables),
    };
  }
}

function contextOf({ tables, knobs }: Attempt, viewer: number): RequestContext {
  return {
    tables,
    key: `r${viewer}`,
    n: viewer + 1,
    name: viewer === 0 ? 'Ada' : 'Zoë',
    isAdmin: viewer === 1,
    keys: ['r3', `r${viewer}`, 'r3'],
    log: [],
    isSelecting: knobs.selecting,
    undefinedAt: [],
    kvetch: store.kvetch,
    pent: pentContext(),
    pubsub: { subscribe: (topic) => eventsOf(tables, topic) },
  };
}

async function* eventsOf(tables: Tables, topic: string | null): AsyncGenerator<unknown> {
  for (const at of [0, topic?.length ?? 0, 2]) yield rowAt({ ...tables, failing: [] }, `r${at % 9}`);
}

/** The results of a request: one, or one for each event. */
export async function resultsOf(given: unknown): Promise<readonly ExecutionResult[]> {
  const answer = await (given as Promise<ExecutionResult | AsyncIterable<ExecutionResult>>);
  if (!(Symbol.asyncIterator in answer)) return [answer];
  const results: ExecutionResult[] = [];
  for await (const result of answer) results.push(result);
  return results;
}
