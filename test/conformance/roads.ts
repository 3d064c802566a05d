import { type ExecutionResult, type GraphQLError, type GraphQLSchema, execute as graphqlExecute, parse } from 'graphql';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { PreparedPlan } from '../../src/engine/PreparedPlan.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';
import { leaving } from '../../src/execution/compiled/CompiledRun.ts';
import { standardPasses } from '../../src/planner/standardPasses.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import type { Case } from './Case.ts';
import { compareShown, type Shown, showResult } from './compareResults.ts';
import { type Answer, answerable } from './otherProcess/answerable.ts';

export type { Case, CaseArgs } from './Case.ts';

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

export const allPasses: readonly string[] = [...new Set(standardPasses.map(({ name }) => name))];

/** Adds a test for each case to a suite. `addCases` of a test file is `casesOf(import.meta.url)`. */
export function casesOf(file: string): (suite: Test, cases: readonly Case[]) => void {
  return (suite, cases) => {
    for (const one of cases) {
      const elsewhere = answerable(file, (plan) => answerImported(one, plan));
      suite(`${one.name} [${one.rules.join(' ')}]`, () => runCase(one, elsewhere));
    }
  };
}

/** Runs a case on every road. `elsewhere` answers it in another process. */
async function runCase(one: Case, elsewhere: Answer<Outcome>): Promise<void> {
  const expected = await referenceOf(one);
  await idle();
  rejections.length = 0; // those are graphql-js' own
  const engine = createEngine({ schema: one.schema, codegen: 'never' });
  const closures = await travel(one, 'closures', (args) => engine.execute(args));
  compare(one, 'closures', expected, closures);
  compare(one, 'closures, cached plan', expected, await travel(one, 'closures', (args) => engine.execute(args)));
  const generated = createEngine({ schema: one.schema, codegen: 'always' });
  compare(one, 'generated code', expected, await travel(one, 'generated code', (args) => generated.execute(args)));
  for (leaving.after = 0, leaving.hasLeft = true; leaving.after < 12 && leaving.hasLeft; leaving.after++) {
    leaving.hasLeft = false;
    const road = `left to the driver after ${leaving.after} operations`;
    compare(one, road, expected, await travel(one, road, (args) => generated.execute(args)));
  }
  leaving.after = -1;
  await compareText(one, generated, closures.text);
  const bare = createEngine({ schema: one.schema, disabledPasses: allPasses });
  if (one.skip?.['no passes'] === undefined) {
    compare(one, 'no passes', expected, await travel(one, 'no passes', (args) => bare.execute(args)));
  }
  await compareText(one, engine, closures.text);
  await compareImported(one, engine, expected, elsewhere);
  await idle();
  assert.equal(rejections.splice(0), [], 'no promise may be left rejected');
}

function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** An answer, as data that can be sent. */
interface Outcome {
  readonly isSync: boolean;
  readonly shown: Shown;
  readonly plain: unknown;
  readonly text: string;
}

function outcomeOf(result: ExecutionResult, isSync: boolean): Outcome {
  return { isSync, shown: showResult(result), plain: plain(result), text: JSON.stringify(result) };
}

async function referenceOf(one: Case): Promise<Outcome | null> {
  if (one.reference === null) return null;
  const schema = one.reference ?? one.schema;
  if (one.reference === undefined && one.expected !== undefined && hasPlans(schema)) return null;
  const { onError, deadline, recordDependency, ...args } = argsOf(one);
  if (onError !== undefined && onError !== 'PROPAGATE') return null;
  const given = graphqlExecute({ ...args, schema } as never);
  const outcome = outcomeOf((await given) as ExecutionResult, !isPromiseLike(given));
  one.check?.(args.contextValue as never, 'graphql-js');
  if (one.expected !== undefined)
    assert.equal(outcome.plain, one.expected, 'graphql-js answers otherwise than expected');
  return outcome;
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
  const outcome = outcomeOf((await given) as ExecutionResult, !isPromiseLike(given));
  one.check?.(args.contextValue as never, road);
  return outcome;
}

function compare(one: Case, road: string, reference: Outcome | null, actual: Outcome): void {
  if (reference === null) return assert.equal(actual.plain, one.expected, road);
  const difference = compareShown(reference.shown, actual.shown, reference.isSync && one.mayWait !== true);
  if (difference !== null) assert.unreachable(`${road}: ${difference}`);
  if (reference.isSync && one.mayWait !== true) {
    assert.ok(actual.isSync, `${road}: graphql-js is done at once, planql is not`);
  }
}

async function compareText(one: Case, engine: Engine, text: string): Promise<void> {
  if (one.skip?.text === undefined) {
    assert.is(await engine.executeToString(argsOf(one)), asUtf8(text), 'text');
  }
  if (one.skip?.buffer === undefined) {
    const buffer = await engine.executeToBuffer(argsOf(one));
    assert.is(Buffer.from(buffer).toString('utf8'), asUtf8(text), 'buffer');
  }
}

/** A text as it is after a journey through UTF-8. */
function asUtf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

async function compareImported(
  one: Case,
  engine: Engine,
  expected: Outcome | null,
  elsewhere: Answer<Outcome>,
): Promise<void> {
  if (one.skip?.['export/import'] !== undefined) return;
  const prepared = preparedFor(one, engine);
  // Requests that are refused before planning have no plan.
  if (prepared === null) return;
  const exported = JSON.parse(JSON.stringify(engine.exportPlan(prepared)));
  compare(one, 'export/import', expected, await answerImported(one, exported));
  if (one.skip?.['other process'] === undefined) compare(one, 'other process', expected, await elsewhere(exported));
}

/** The answer of a process that plans nothing. */
async function answerImported(one: Case, plan: unknown): Promise<Outcome> {
  const executor = createExecutor({ schema: one.schema });
  executor.importPlan(plan);
  const outcome = await travel(one, 'export/import', (args) => executor.execute(args));
  await compareText(one, executor, outcome.text);
  return outcome;
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
