import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { PlanDocumentError } from '../../src/engine/PlanDocumentError.ts';
import { type PlanDocument, planHash } from '../../src/plan/PlanDocument.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';
import { operations, request, schema, typeDefs } from './library.ts';

const documents = suite('plan documents');
const engine = createEngine({ schema });

function exported(text: string): PlanDocument {
  return JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(parse(text)))));
}

const plans = Object.values(operations).map(exported);

function problemsOf(plan: unknown, target = engine): readonly string[] {
  try {
    target.importPlan(plan);
    return [];
  } catch (error) {
    return (error as PlanDocumentError).problems;
  }
}

/** The document after a change, with the hash that it has then. */
function changed(plan: PlanDocument, change: Partial<PlanDocument>): PlanDocument {
  const content = { ...plan, ...change };
  return { ...content, hash: planHash(content) };
}

documents('another process answers them as this one does, and plans nothing [R21 3.8.5]', async () => {
  const expected = await Promise.all(
    Object.values(operations).map(async (text) => engine.execute({ document: parse(text), ...request })),
  );
  const child = spawnSync(process.execPath, [...typescript, join(repositoryRoot, 'test/plans/executeProcess.ts')], {
    cwd: repositoryRoot,
    input: JSON.stringify(plans),
    encoding: 'utf8',
  });
  assert.is(child.status, 0, child.stderr);
  const { answers, planned } = JSON.parse(child.stdout) as { answers: ExecutionResult[]; planned: number };
  assert.equal(answers, JSON.parse(JSON.stringify(expected)));
  assert.is(planned, 0);
});

documents('the hash tells any change, and not the order of properties [3.8.6]', () => {
  const [plan] = plans as [PlanDocument];
  assert.is(planHash(plan), plan.hash);
  const reversed = Object.fromEntries(Object.entries(plan).reverse());
  assert.equal(problemsOf(reversed), []);
  assert.equal(problemsOf({ ...plan, operationName: null }), [
    'The plan is not as it was exported: its hash is another. Export it again.',
  ]);
});

documents('the same operation has the same document in every process [3.8.6]', () => {
  const other = createEngine({ schema });
  for (const [index, text] of Object.values(operations).entries()) {
    assert.is(other.exportPlan(other.prepare(parse(text))).hash, plans[index]?.hash);
  }
});

documents('another version of a step is refused, and all else that is missing with it [R22 3.8.3]', () => {
  const [plan] = plans as [PlanDocument];
  const steps = plan.steps.map((step) => {
    if (step.op === 'loadOne')
      return { ...step, params: { ...(step.params as object), loader: { $ref: 'loader:gone', local: 99 } } };
    return step.op === 'lambda' ? { ...step, op: 'app.gone' } : step;
  });
  const ops = { ...plan.ops, access: 7, 'app.gone': 1 };
  const problems = problemsOf(changed(plan, { steps, ops } as Partial<PlanDocument>));
  assert.ok(problems.includes('This process has not defined "loader:gone".'));
  assert.ok(problems.includes('No step class is registered for "app.gone". Call registerSteps() with it.'));
  assert.ok(problems.includes('Step access was planned with version 7, and has version 1 here. Plan it again.'));
  assert.is(problems.length, 3);
});

const changes: ReadonlyArray<readonly [what: string, from: string, to: string, problem: string | null]> = [
  ['a field that nobody asked for', 'reader: String', 'reader: String extra: Int', null],
  [
    'a default of an argument',
    'type Novel implements Book { id: ID! title: String! loud: String! like(first: Int! = 2)',
    'type Novel implements Book { id: ID! title: String! loud: String! like(first: Int! = 3)',
    '"Novel.like" was planned as (first: Int! = 2): [Book!]!, and is (first: Int! = 3): [Book!]! in this schema.',
  ],
  [
    'an input type',
    'kind: Kind = NOVEL',
    'kind: Kind = MAP',
    '"Filter" was planned as { kind: Kind = NOVEL, years: [Int!] }, and is { kind: Kind = MAP, years: [Int!] } in this schema.',
  ],
  [
    'the values of an enum',
    'NOVEL MANUAL MAP }',
    'NOVEL MANUAL MAP ATLAS }',
    '"Kind" was planned as NOVEL | MANUAL | MAP, and is NOVEL | MANUAL | MAP | ATLAS in this schema.',
  ],
  [
    'the types of an interface',
    'type Map implements Book {',
    'type Atlas implements Book { id: ID! title: String! loud: String! like(first: Int! = 2): [Book!]! } type Map implements Book {',
    '"Book" was planned as Manual | Map | Novel, and is Atlas | Manual | Map | Novel in this schema.',
  ],
];
for (const [what, from, to, problem] of changes) {
  documents(`a schema that changed in ${what} is ${problem === null ? 'no matter' : 'another'} [R22 3.8.7]`, () => {
    assert.ok(typeDefs.includes(from));
    const other = createEngine({ schema: makeSchema({ typeDefs: typeDefs.replace(from, to) }) });
    const problems = plans.flatMap((plan) => problemsOf(plan, other));
    assert.equal([...new Set(problems)], problem === null ? [] : [problem]);
  });
}

documents('what is no plan is refused in sentences, and never throws anything else', () => {
  for (const nonsense of [null, 5, 'text', [], {}, { version: 1 }, { version: 2, steps: 5 }]) {
    const problems = problemsOf(nonsense);
    assert.ok(problems.length > 0);
    for (const problem of problems) assert.match(problem, /^[A-Z"].*\.$/);
  }
  const other = createEngine({ schema: buildSchema('type Query { a: Int }') });
  for (const plan of plans) assert.ok(problemsOf(plan, other).length > 1, 'all problems at once');
});

documents('what is checked is what runs: it is read once, and changed by nobody [3.8.5]', async () => {
  const [plan] = plans as [PlanDocument];
  const given = structuredClone(plan) as { -readonly [K in keyof PlanDocument]: PlanDocument[K] };
  let reads = 0;
  const { outputs } = given;
  Object.defineProperty(given, 'outputs', { enumerable: true, get: () => (reads++ === 0 ? outputs : []) });
  const expected = await engine.importPlan(plan).execute(request);
  const prepared = engine.importPlan(given);
  outputs.length = 0;
  given.steps.length = 0;
  assert.is(reads, 1);
  assert.equal(await prepared.execute(request), expected);

  const circle: Record<string, unknown> = { ...plan };
  circle.steps = [circle];
  assert.equal(problemsOf(circle), ['The plan is no JSON.']);
});

documents('errors are located, whether a request brings the document or nobody does', async () => {
  const { broken } = operations as { broken: string };
  const document = parse(broken);
  const contextValue = null;
  const expected = await engine.execute({ document, contextValue });
  assert.ok(expected.errors?.every(({ locations }) => locations?.length === 1));
  const plan = engine.exportPlan(engine.prepare(document));
  const asText = (result: ExecutionResult): string => JSON.stringify(result);
  assert.is(asText(await createEngine({ schema }).importPlan(plan).execute({ contextValue })), asText(expected));
  const other = createEngine({ schema });
  other.importPlan(plan);
  assert.is(asText(await other.execute({ document: parse(broken), contextValue })), asText(expected));
});

documents.run();
