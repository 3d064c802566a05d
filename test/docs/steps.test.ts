/** docs/steps.md shows every step function that the package exports: its signature, an example and a plan. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyInput, bakeInput } from '../../src/schema/steps/ApplyInputStep.ts';
import * as steps from '../../steps/index.ts';
import * as kvetchSteps from '../../steps/kvetch/index.ts';
import * as pentSteps from '../../steps/pent/index.ts';
import { readSource } from '../support/repository.ts';

const test = suite('docs/steps.md');
const guide = readSource('docs/steps.md');

/** Exported functions that are no step functions: what they give is no step, or they give the step functions themselves. */
const others = ['loader', 'fn', 'encodeNodeId', 'decodeNodeId', 'kvetchSteps'];
/** For generated code: named in the guide, described in the API reference. */
const forGenerators = [
  ...['pentEdgePage', 'pentIndexPage', 'browsePentsPage', 'addingEdge', 'removingEdge', 'method', 'planPent'],
  ...['authorizePent', 'chosenList', 'pentHasEdge', 'pentIndexConnection'],
];

const isFunction = ([name, value]: readonly [string, unknown]): boolean =>
  typeof value === 'function' && /^[a-z]/.test(name);
const functions = [steps, kvetchSteps, pentSteps, { applyInput, bakeInput }].flatMap((module) =>
  Object.entries(module)
    .filter(isFunction)
    .map(([name]) => name),
);

/** The programs of the guide, each with what it prints. */
const blocks = [...guide.matchAll(/^```ts\n([\s\S]*?)^```(?:\n\n```text\n([\s\S]*?)^```)?/gm)].map(
  ([, code = '', printed = '']) => ({ code, printed }),
);

for (const name of functions.filter((each) => !others.includes(each))) {
  const call = new RegExp(`\\b${name}\\(`);
  if (forGenerators.includes(name)) {
    test(`${name} is named`, () => assert.ok(guide.includes(`\`${name}\``)));
    continue;
  }
  test(`${name} has a signature, an example and a plan`, () => {
    assert.match(guide, new RegExp(`\\*\\*\`${name}\\(`), 'signature');
    const examples = blocks.filter(({ code }) => call.test(code));
    assert.ok(examples.length > 0, 'example');
    assert.ok(
      examples.some(({ printed }) => /^\s+\$\d+ /m.test(printed)),
      'plan',
    );
  });
}

test('the list of what is no step function is up to date', () => {
  for (const name of [...others, ...forGenerators]) assert.ok(functions.includes(name), name);
});

test.run();
