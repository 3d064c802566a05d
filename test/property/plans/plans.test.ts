import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyInput, bakeInput } from '../../../src/schema/steps/ApplyInputStep.ts';
import * as steps from '../../../steps/index.ts';
import * as kvetchSteps from '../../../steps/kvetch/index.ts';
import * as pentSteps from '../../../steps/pent/index.ts';
import { readSource, repositoryRoot } from '../../support/repository.ts';
import { attemptOf } from './attempt.ts';
import { differenceOf } from './differenceOf.ts';
import { kinds } from './kinds/index.ts';
import type { Recipe } from './Recipe.ts';
import { report } from './report.ts';

/** More of them, from other seeds: `npm run property:plans`. */
const seeds = Number(process.env.PLAN_SEEDS ?? 200);

const test = suite('random plans');
const made = new Set<string>();

function note({ kind, of }: Recipe): void {
  made.add(kind);
  of.forEach(note);
}

test(`${seeds} seeds without a difference from resolvers that make the same recipes [R13 R17 R20 R21 R27 2.11.2]`, async () => {
  let compared = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const attempt = attemptOf(seed);
    for (const { fields } of attempt.spec.types) for (const { recipe } of fields) note(recipe);
    const outcome = await differenceOf(attempt);
    if (outcome === 'undefined') continue;
    compared++;
    if (outcome !== null) assert.unreachable(await report(attempt));
  }
  assert.ok(compared > seeds * 0.95, `${compared} of ${seeds} could be compared`);
});

test('every kind of recipe occurs', () => {
  assert.equal(
    Object.keys(kinds).filter((kind) => !made.has(kind)),
    [],
  );
});

/** What docs/steps.md names for generated code, or what is no step function. */
const others = [
  ...['loader', 'fn', 'encodeNodeId', 'decodeNodeId', 'kvetchSteps', 'pentEdgePage', 'pentIndexPage'],
  ...['browsePentsPage', 'addingEdge', 'removingEdge', 'method', 'planPent', 'authorizePent'],
];

test('every step function of docs/steps.md is in a recipe or a schema', () => {
  const folder = 'test/property/plans';
  const files = readdirSync(`${repositoryRoot}/${folder}`, { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readSource(`${folder}/${file}`).replace(/^import [\s\S]*?;$/gm, ''))
    .join('\n');
  const names = [steps, kvetchSteps, pentSteps, { applyInput, bakeInput }].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      typeof value === 'function' && /^[a-z]/.test(name) && !others.includes(name) ? [name] : [],
    ),
  );
  assert.equal(
    names.filter((name) => !new RegExp(`\\b${name}(\\(|,)`).test(sources)),
    [],
  );
});

test.run();
