import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CodegenMode } from '../../src/execution/link/LinkedPlan.ts';
import { constant, createEngine, type Engine, lambda, makeSchema } from '../../src/index.ts';

/**
 * What a defect of planql itself does: the plan is damaged after it was verified. It must end in an error of the response,
 * wherever it comes to light, and leave nobody waiting.
 */
const test = suite('defects of planql');

function engine(codegen: CodegenMode): Engine {
  return createEngine({
    codegen,
    schema: makeSchema({
      typeDefs: 'type Query { now: Int late: Int rows: [Row] } type Row { id: Int late: Int }',
      objects: {
        Query: {
          plans: {
            now: () => constant(1),
            late: () => lambda(constant(1), async () => 2),
            rows: () => lambda(constant(1), async () => [{ id: 1 }, { id: 2 }]),
          },
        },
        Row: { plans: { late: ($row) => lambda($row, async () => 3) } },
      },
    }),
  });
}

const whole = parse('{ now late rows { id late } }');
const inParts = parse('{ now rows @stream(initialCount: 1) { id late } ... @defer { late again: rows { late } } }');

/** What a promise gives, or that it gives nothing. */
async function soon<T>(promise: T | PromiseLike<T>): Promise<T | 'hangs'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), 2_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function payloadsOf(given: unknown): Promise<object[]> {
  const response = (await given) as { initialResult?: object; subsequentResults: AsyncIterable<object> };
  if (response.initialResult === undefined) return [response];
  const payloads = [response.initialResult];
  for await (const payload of response.subsequentResults) payloads.push(payload);
  return payloads;
}

/** A damaged engine for each task of a document's plan. */
function* damaged(
  document: ReturnType<typeof parse>,
  codegen: CodegenMode = 'auto',
): Generator<readonly [task: string, engine: Engine]> {
  const { length } = engine(codegen).prepare(document).linked.graph.tasks;
  for (let index = 0; index < length; index++) {
    const one = engine(codegen);
    const task = one.prepare(document).linked.graph.tasks[index] as { kind: string; of: number };
    const name = `${task.kind} ${task.of}`;
    task.of = 999;
    yield [name, one];
  }
}

test('of a plan that was compiled before', async () => {
  const { length } = engine('always').prepare(whole).linked.graph.tasks;
  for (let index = 0; index < length; index++) {
    const one = engine('always');
    const { linked } = one.prepare(whole);
    assert.is(((await one.execute({ document: whole })) as ExecutionResult).errors, undefined);
    const task = linked.graph.tasks[index] as { kind: string; of: number };
    if (task.kind !== 'layer') continue;
    task.of = 999;
    const { data } = (await soon(one.execute({ document: whole }))) as ExecutionResult;
    assert.is(data, null);
  }
});

test('of a response in one part', async () => {
  let count = 0;
  for (const [task, one] of [...damaged(whole), ...damaged(whole, 'always')]) {
    const result = await soon(one.execute({ document: whole }));
    assert.is.not(result, 'hangs', task);
    const { errors, data } = result as ExecutionResult;
    assert.ok(errors !== undefined && data === null, `${task}: ${JSON.stringify(result)}`);
    const text = (await soon(one.executeToString({ document: whole }))) as string;
    assert.match(text, /^\{"errors":/, task);
    count++;
  }
  assert.ok(count >= 4);
});

test('of a response in several parts', async () => {
  for (const [task, one] of damaged(inParts)) {
    const payloads = await soon(payloadsOf(one.executeIncrementally({ document: inParts })));
    assert.is.not(payloads, 'hangs', task);
    assert.match(JSON.stringify(payloads), '"errors"', task);
  }
});

test.run();
