import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OperationDefinitionNode, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OperationPlanner } from '../../src/planner/OperationPlanner.ts';
import { standardPasses } from '../../src/planner/standardPasses.ts';
import { documentFields } from '../../src/schema/documentFields.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { registerBuiltinSteps } from '../../src/schema/steps/register.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { context } from '../../src/step/builtin/requestSteps.ts';
import { get } from '../../src/step/get.ts';
import { Step } from '../../src/step/Step.ts';
import { printDraft } from './printDraft.ts';

/**
 * Golden files, one folder for each pass: the steps of an operation before and after it.
 * `UPDATE_GOLDENS=1 npm test -- test/planner` writes them anew; a new case is an operation in `operations`.
 */
registerBuiltinSteps();

class TestStep extends Step {
  static override readonly op = 'load';

  constructor(name: string, ...sources: readonly Step[]) {
    super();
    for (const $source of sources) this.addDependency($source as never);
    this.params = { name };
  }

  override execute(): never {
    throw new Error('never executed');
  }
}

/** Finds out when it is optimised that it does not need its second dependency. */
class FrugalStep extends TestStep {
  static override readonly op: 'load' = 'load';

  override optimize(): Step {
    return new TestStep((this.params as { name: string }).name, this.dependency(0));
  }
}

class RequestStep extends TestStep {
  override finalize(): void {
    this.params = { ...this.params, attributes: ['id', 'name'] };
  }
}

class EffectStep extends TestStep {
  override hasSideEffects = true;
}

// biome-ignore lint/suspicious/noExplicitAny: plan resolvers of a test schema without a type map
type Any = any;
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { users: [User] me: User unused: Int sharedA: Int sharedB: Int request: Int }
    type User { id: Int name: String city: String same: Int frugal: Int above: Int friend: User }
    type Mutation { save: Int }
  `,
  objects: {
    Query: {
      plans: {
        users: () => new TestStep('users', constant('all')),
        me: () => new TestStep('me', get(context() as Any, 'userId' as never)),
        unused: () => {
          new TestStep('nobody needs it', constant(1));
          return constant(2);
        },
        sharedA: () => new TestStep('shared', access(get(context() as Any, 'x' as never) as Any, 'y')),
        sharedB: () => new TestStep('shared', access(context() as Any, 'x', 'y')),
        request: () => new RequestStep('request', constant(1)),
      },
    },
    User: {
      plans: {
        city: ($user: Any) => access(access($user, 'address'), 'city'),
        same: () => new TestStep('same', constant('s')),
        frugal: ($user: Any) => new FrugalStep('frugal', constant('f'), get($user, 'id' as never)),
        above: ($user: Any) =>
          new TestStep('above', new FrugalStep('frugal', constant('f'), get($user, 'id' as never)) as Any),
        friend: ($user: Any) => new TestStep('friend', get($user, 'id' as never)),
      },
    },
    Mutation: {
      plans: {
        save: () => {
          new EffectStep('save', constant(1));
          return constant(true);
        },
      },
    },
  },
} as never);

const operations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  treeShakeSteps: {
    'steps-nobody-needs': '{ unused }',
    'effects-are-kept': 'mutation { save }',
    'guards-of-what-is-skipped':
      'query ($yes: Boolean!) { me @include(if: $yes) { id } users { id friend @skip(if: $yes) { name } } }',
    'guards-of-what-is-shared':
      'query ($a: Boolean!, $b: Boolean!) { x: me @include(if: $a) { id } y: me @include(if: $b) { name } }',
  },
  optimizeSteps: {
    'chains-of-access': '{ users { city } }',
    'a-step-that-needs-less': '{ users { frugal } }',
  },
  hoistSteps: {
    'out-of-a-list': '{ users { above } }',
    'already-outside': '{ users { same } }',
  },
  deduplicateSteps: { 'equal-after-optimizing': '{ sharedA sharedB }' },
  inlineSteps: {
    'leaves-are-read-by-the-output': '{ users { id name city } me { name } }',
    'what-a-step-needs-is-a-column': '{ users { name friend { name } } }',
  },
  finalizeSteps: { 'params-are-set-last': '{ request }' },
};

const passes = suite('passes');
const folder = fileURLToPath(new URL('passes', import.meta.url));

for (const [pass, cases] of Object.entries(operations)) {
  for (const [name, operation] of Object.entries(cases)) {
    passes(`${pass}: ${name}`, () => {
      const file = join(folder, pass, `${name}.txt`);
      const text = goldenOf(pass, operation);
      if (process.env.UPDATE_GOLDENS === '1') {
        mkdirSync(join(folder, pass), { recursive: true });
        writeFileSync(file, text);
      }
      assert.fixture(text, existsSync(file) ? readFileSync(file, 'utf8') : '');
    });
  }
}

passes('each pass has golden files, and each file a case', () => {
  for (const { name } of standardPasses) assert.ok(operations[name], name);
  for (const pass of readdirSync(folder)) {
    const known = Object.keys(operations[pass] ?? {}).map((name) => `${name}.txt`);
    assert.equal(readdirSync(join(folder, pass)).sort(), known.sort());
  }
});

/** The draft before and after a pass: of its first run that changed something, else of its first run. */
function goldenOf(pass: string, operation: string): string {
  const document = parse(operation);
  const runs: { before: string; after: string }[] = [];
  let before = '';
  OperationPlanner.plan(
    {
      schema,
      document,
      fields: documentFields(document),
      operation: document.definitions[0] as OperationDefinitionNode,
      resolvers: { field: false, type: false },
      decide: null,
    },
    {
      observe: (name, draft) => {
        const after = printDraft(draft);
        if (name === pass) runs.push({ before, after });
        before = after;
      },
    },
  );
  const run = runs.find((candidate) => candidate.before !== candidate.after) ?? runs[0];
  if (run === undefined) throw new Error(`${pass} did not run`);
  return `==== OPERATION ====\n${operation}\n==== BEFORE ====\n${run.before}\n==== AFTER ${pass} ====\n${run.after}\n`;
}

passes.run();
