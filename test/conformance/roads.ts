import { type ExecutionResult, type GraphQLError, type GraphQLSchema, execute as graphqlExecute, parse } from 'graphql';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { PreparedPlan } from '../../src/engine/PreparedPlan.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';
import { standardPasses } from '../../src/planner/standardPasses.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { compareResults } from './compareResults.ts';

/** A request, as any of the roads can be asked to answer it. */
export type CaseArgs = Omit<RequestArgs, 'document' | 'schema' | 'contextValue' | 'rootValue' | 'variableValues'>;

/** One behaviour: an operation on a schema, which every road must answer alike (DESIGN.md, "many roads"). */
export interface Case {
  readonly name: string;
  /** The rules of DESIGN.md that it shows. */
  readonly rules: readonly string[];
  readonly schema: GraphQLSchema;
  /** A schema of plain resolvers that means the same, where `schema` has plans. Null: `expected` alone counts. */
  readonly reference?: GraphQLSchema | null;
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly rootValue?: unknown;
  /** Made anew for every run, for what has state. */
  readonly makeRoot?: () => unknown;
  readonly makeContext?: () => unknown;
  readonly args?: CaseArgs;
  /** The answer, for cases that graphql-js cannot answer, or whose answer is worth reading here. */
  readonly expected?: unknown;
  /** Also checked on what `makeContext` made, after each run. */
  readonly check?: (context: never, road: string) => void;
  /** There are promises that graphql-js does not wait for, since something beside them bubbles up. planql may. */
  readonly mayWait?: boolean;
  /** Roads that cannot run this case, and why. */
  readonly skip?: Readonly<Partial<Record<RoadName, string>>>;
}

export type RoadName = 'closures' | 'no passes' | 'text' | 'buffer' | 'export/import';

export const roadNames: readonly RoadName[] = ['closures', 'no passes', 'text', 'buffer', 'export/import'];

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

export const allPasses: readonly string[] = [...new Set(standardPasses.map(({ name }) => name))];

/** Adds a test for each case to a suite. */
export function addCases(suite: Test, cases: readonly Case[]): void {
  for (const one of cases) suite(`${one.name} [${one.rules.join(' ')}]`, () => runCase(one));
}

/** Runs a case on every road. */
export async function runCase(one: Case): Promise<void> {
  const expected = await referenceOf(one);
  await idle();
  rejections.length = 0; // those are graphql-js' own
  const engine = createEngine({ schema: one.schema, codegen: 'never' });
  const closures = await travel(one, 'closures', (args) => engine.execute(args));
  compare(one, 'closures', expected, closures);
  compare(one, 'closures, cached plan', expected, await travel(one, 'closures', (args) => engine.execute(args)));
  const generated = createEngine({ schema: one.schema, codegen: 'always' });
  compare(one, 'generated code', expected, await travel(one, 'generated code', (args) => generated.execute(args)));
  await compareText(one, generated, closures.result);
  const bare = createEngine({ schema: one.schema, disabledPasses: allPasses });
  if (one.skip?.['no passes'] === undefined) {
    compare(one, 'no passes', expected, await travel(one, 'no passes', (args) => bare.execute(args)));
  }
  await compareText(one, engine, closures.result);
  await compareImported(one, engine, expected);
  await idle();
  assert.equal(rejections.splice(0), [], 'no promise may be left rejected');
}

function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

interface Outcome {
  readonly result: ExecutionResult;
  readonly isSync: boolean;
}

async function referenceOf(one: Case): Promise<Outcome | null> {
  if (one.reference === null) return null;
  const schema = one.reference ?? one.schema;
  if (one.reference === undefined && one.expected !== undefined && hasPlans(schema)) return null;
  const { onError, deadline, recordDependency, ...args } = argsOf(one);
  if (onError !== undefined && onError !== 'PROPAGATE') return null;
  const given = graphqlExecute({ ...args, schema } as never);
  const isSync = !isPromiseLike(given);
  const result = (await given) as ExecutionResult;
  one.check?.(args.contextValue as never, 'graphql-js');
  if (one.expected !== undefined)
    assert.equal(plain(result), one.expected, 'graphql-js answers otherwise than expected');
  return { result, isSync };
}

function hasPlans(schema: GraphQLSchema): boolean {
  return Object.values(schema.getTypeMap()).some((type) => {
    if (type.extensions?.planql !== undefined) return true;
    return (
      'getFields' in type && Object.values(type.getFields()).some((field) => field.extensions?.planql !== undefined)
    );
  });
}

const documents = new Map<string, ReturnType<typeof parse>>();

function argsOf(one: Case): RequestArgs & Record<string, unknown> {
  let document = documents.get(one.operation);
  if (document === undefined) {
    document = parse(one.operation);
    documents.set(one.operation, document);
  }
  return {
    document,
    rootValue: one.makeRoot === undefined ? one.rootValue : one.makeRoot(),
    contextValue: one.makeContext?.(),
    variableValues: one.variables,
    ...one.args,
  } as RequestArgs & Record<string, unknown>;
}

async function travel(one: Case, road: string, execute: (args: RequestArgs) => unknown): Promise<Outcome> {
  const args = argsOf(one);
  const given = execute(args);
  const outcome = { isSync: !isPromiseLike(given), result: (await given) as ExecutionResult };
  one.check?.(args.contextValue as never, road);
  return outcome;
}

function compare(one: Case, road: string, reference: Outcome | null, actual: Outcome): void {
  if (reference === null) return assert.equal(plain(actual.result), one.expected, road);
  const difference = compareResults(reference.result, actual.result, reference.isSync && one.mayWait !== true);
  if (difference !== null) assert.unreachable(`${road}: ${difference}`);
  if (reference.isSync && one.mayWait !== true) {
    assert.ok(actual.isSync, `${road}: graphql-js is done at once, planql is not`);
  }
}

async function compareText(one: Case, engine: Engine, result: ExecutionResult): Promise<void> {
  if (one.skip?.text === undefined) {
    assert.is(await engine.executeToString(argsOf(one)), asUtf8(JSON.stringify(result)), 'text');
  }
  if (one.skip?.buffer === undefined) {
    const buffer = await engine.executeToBuffer(argsOf(one));
    assert.is(Buffer.from(buffer).toString('utf8'), asUtf8(JSON.stringify(result)), 'buffer');
  }
}

/** A text as it is after a journey through UTF-8. */
function asUtf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

async function compareImported(one: Case, engine: Engine, expected: Outcome | null): Promise<void> {
  if (one.skip?.['export/import'] !== undefined) return;
  const prepared = preparedFor(one, engine);
  // Requests that are refused before planning have no plan.
  if (prepared === null) return;
  const exported = JSON.parse(JSON.stringify(engine.exportPlan(prepared)));
  const other = createEngine({ schema: one.schema });
  other.importPlan(exported);
  const road = 'export/import';
  compare(one, road, expected, await travel(one, road, (given) => other.execute(given)));
  assert.is(other.stats().planCache.misses, 0, 'an imported plan answers without planning');
}

function preparedFor(one: Case, engine: Engine): PreparedPlan | null {
  const { document, operationName, fieldResolver, typeResolver } = argsOf(one);
  try {
    return engine.prepare(document, operationName ?? null, {
      field: fieldResolver != null,
      type: typeResolver != null,
    });
  } catch {
    return null;
  }
}

/** A result as plain data, errors as a response holds them. */
export function plain(result: ExecutionResult): unknown {
  const { errors, data } = result;
  const copy = data === undefined ? {} : { data: data === null ? null : structured(data) };
  return errors === undefined ? copy : { errors: errors.map((error) => plainError(error)), ...copy };
}

function structured(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structured);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structured(item)]));
}

export function plainError({ message, path, locations }: GraphQLError): Record<string, unknown> {
  return {
    message,
    ...(path === undefined ? null : { path: [...path] }),
    ...(locations === undefined ? null : { locations: locations.map(({ line, column }) => ({ line, column })) }),
  };
}
