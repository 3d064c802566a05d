import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import { checkShape } from '../../src/plan/checkShape.ts';
import { documentSchema } from '../../src/plan/documentSchema.ts';
import { type PlanDocument, planHash } from '../../src/plan/PlanDocument.ts';
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

tampered('params that a step cannot read fail its rows, and end [3.9.2]', async () => {
  const [plan] = plans as [PlanDocument];
  const steps = plan.steps.map((step) => (step.op === 'access' ? { ...step, params: {} } : step));
  const content = { ...plan, steps };
  const executor = createExecutor({ schema });
  const { errors } = await executor.importPlan({ ...content, hash: planHash(content) }).execute(request);
  assert.is(errors?.length, 1);
});

/** More with `node --import tsx test/plans/tamper.ts --seed N --count N`. */
tampered('each is refused in sentences, or harmless [R22 3.9.2]', async () => {
  const fates: Record<Fate, number> = { refused: 0, answered: 0 };
  for (let seed = 1; seed <= 500; seed++) fates[await attemptTampered(seed)]++;
  assert.ok(fates.refused > 0 && fates.answered > 0, JSON.stringify(fates));
  assert.is(breach.happened, false);
});

tampered.run();
