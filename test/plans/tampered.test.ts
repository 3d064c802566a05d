import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { PlanDocumentError } from '../../src/engine/PlanDocumentError.ts';
import { checkShape } from '../../src/plan/checkShape.ts';
import { documentSchema } from '../../src/plan/documentSchema.ts';
import type { StepNode } from '../../src/plan/Plan.ts';
import { type PlanDocument, planHash } from '../../src/plan/PlanDocument.ts';
import { builtinSteps } from '../../src/schema/steps/register.ts';
import { Step } from '../../src/step/Step.ts';
import { standardSteps } from '../../steps/standardSteps.ts';
import { Random } from '../fuzz/Random.ts';
import { repositoryRoot } from '../support/repository.ts';
import { attemptTampered, breach, type Fate } from './attemptTampered.ts';
import { operations, request, schema } from './library.ts';
import { mutatePlan } from './mutatePlan.ts';

const tampered = suite('tampered plans');
const engine = createEngine({ schema });
const plans = Object.values(operations).map((text) => engine.exportPlan(engine.prepare(parse(text))));
const file = join(repositoryRoot, 'spec/plan-document.schema.json');

tampered('the normative JSON schema is the one that import checks [3.1.5]', () => {
  const text = `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...documentSchema }, null, 2)}\n`;
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(file, text);
  assert.is(readFileSync(file, 'utf8'), text);
});

tampered('a validator of JSON schemas says of each document what import says [3.1.5]', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false }).compile(
    JSON.parse(readFileSync(file, 'utf8')),
  );
  let refused = 0;
  for (const plan of plans) assert.ok(validate(plan), JSON.stringify(validate.errors));
  for (let seed = 0; seed < 400; seed++) {
    const random = new Random(seed);
    const mutated = structuredClone(random.pick(plans));
    mutatePlan(random, mutated);
    const plan: unknown = JSON.parse(JSON.stringify(mutated));
    const problems = checkShape(plan, documentSchema, documentSchema.$defs);
    assert.is(problems.length === 0, validate(plan), `seed ${seed}: ${problems} ${JSON.stringify(validate.errors)}`);
    if (problems.length > 0) refused++;
  }
  assert.ok(refused > 100, `${refused} refused`);
});

function problemsOf(plan: PlanDocument, params: (step: StepNode) => object): readonly string[] {
  const steps = plan.steps.map((step) => ({ ...step, params: params(step) as StepNode['params'] }));
  const content = { ...plan, steps };
  try {
    createExecutor({ schema }).importPlan({ ...content, hash: planHash(content) });
    return [];
  } catch (error) {
    return (error as PlanDocumentError).problems;
  }
}

const wrongParams: ReadonlyArray<readonly [op: string, params: object, problem: RegExp]> = [
  ['access', {}, /^The plan has no "steps\[\d+\]\.params\.path", which access needs\.$/],
  ['access', { path: ['a', null] }, /^"steps\[\d+\]\.params\.path\[1\]" of the plan must be of type string or integer/],
  ['access', { path: [], more: 1 }, /^The plan has "steps\[\d+\]\.params\.more", which access does not know\.$/],
  ['arguments', { parentType: 'Query', fieldName: 'book', node: 99 }, /params\.node" of the plan must be \d or less/],
  ['lambda', { f: 'shout' }, /^"steps\[\d+\]\.params\.f" of the plan must name a function\.$/],
  [
    'lambda',
    { f: { $ref: 'loader:library.bookById', local: 0 } },
    /names "loader:library\.bookById", which is no function/,
  ],
  ['constant', { value: { $ref: 'fn:library.shout', local: 0 } }, /names something where there must be a value/],
];
for (const [op, params, problem] of wrongParams) {
  tampered(`params of ${op} are not ${JSON.stringify(params)} [3.9.1 5.1.5]`, () => {
    const plan = plans.find(({ steps }) => steps.some((step) => step.op === op)) as PlanDocument;
    const problems = problemsOf(plan, (step) => (step.op === op ? params : (step.params as object)));
    assert.ok(problems.length > 0);
    for (const one of problems) assert.match(one, problem);
  });
}

tampered('all wrong params are told at once, and a class that says nothing of its params takes them [5.1.5]', () => {
  const [plan] = plans as [PlanDocument];
  const problems = problemsOf(plan, () => ({ unheardOf: true }));
  for (const id of plan.steps.keys()) assert.ok(problems.some((one) => one.includes(`steps[${id}].params.unheardOf`)));
  assert.is(Step.paramShapes, null);
});

tampered('every step of planql says what its params are', () => {
  for (const stepClass of [...standardSteps, ...builtinSteps]) {
    assert.ok((stepClass.paramShapes ?? null) !== null, stepClass.op);
  }
});

tampered('a place without rows tells its key and no more [3.9.2]', async () => {
  for (const plan of plans) {
    const last = plan.places.length - 1;
    const places = plan.places.map((place, id) => (id === last ? { ...place, layer: -1 } : place));
    const content = { ...plan, places };
    const prepared = createExecutor({ schema }).importPlan({ ...content, hash: planHash(content) });
    const { errors = [] } = await prepared.execute(request);
    for (const { message } of errors) assert.not.match(message, 'bug in planql');
  }
});

/** More with `node --import tsx test/plans/tamper.ts --seed N --count N`. */
tampered('each is refused in sentences, or harmless [R22 3.9.2]', async () => {
  const fates: Record<Fate, number> = { refused: 0, answered: 0 };
  for (let seed = 1; seed <= 500; seed++) fates[await attemptTampered(seed)]++;
  assert.ok(fates.refused > 0 && fates.answered > 0, JSON.stringify(fates));
  assert.is(breach.happened, false);
});

tampered.run();
