import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnyStep } from '../../src/schema/planResolvers.ts';
import { Step } from '../../src/step/Step.ts';
import { registerSteps } from '../../src/step/stepClasses.ts';
import { constant, get, lambda } from '../../steps/index.ts';
import { plain, runner } from './support.ts';

/** Mistakes of who writes steps and plan resolvers are field errors that say what to do (rule R8). */
const test = suite('mistakes with steps');

class EchoStep extends Step {
  static override readonly op: string = 'test.echo';
  override readonly isSync = true;

  constructor($source: Step, looksAt = 0) {
    super();
    this.addDependency($source as never);
    this.params = { looksAt };
  }

  override optimize(): Step {
    this.dependency(this.params.looksAt as number);
    return this;
  }

  override execute(_count: number, [values]: readonly [readonly unknown[]]): never {
    return values as never;
  }
}
registerSteps(EchoStep);

/** Counts its calls where `execute` must keep nothing: on the instance that serves all requests. */
class CountingStep extends Step {
  static override readonly op = 'test.counting';
  declare calls?: number;

  override execute(count: number): readonly number[] {
    this.calls = (this.calls ?? 0) + 1;
    return new Array<number>(count).fill(this.calls);
  }
}

class IdleStep extends EchoStep {
  static override readonly op = 'test.idle';
}
IdleStep.prototype.execute = undefined as never;

function shout($todo: { title: string }): string {
  return $todo.title.toUpperCase();
}

let kept: AnyStep = null as never;
const run = runner({
  typeDefs:
    'type Query { fine: Int noStep: Int promise: Int nothing: Int keep: Int foreign: Int noDependency: Int counted: Int idle: Int text: Int noFunction: Int property: String element: String method: String spread: String inside: String own: String }',
  plans: {
    Query: {
      fine: () => new EchoStep(constant(1)) as AnyStep,
      noStep: () => new EchoStep({ a: 1 } as never) as AnyStep,
      promise: () => new EchoStep(Promise.resolve(1) as never) as AnyStep,
      nothing: () => new EchoStep(undefined as never) as AnyStep,
      keep: () => {
        kept = constant(1);
        return kept;
      },
      foreign: () => lambda(kept, (value) => value) as AnyStep,
      counted: () => new CountingStep() as AnyStep,
      idle: () => new IdleStep(constant(1)) as AnyStep,
      text: () => 'a text' as never,
      noFunction: () => lambda(constant(1), undefined as never) as AnyStep,
      noDependency: () => new EchoStep(constant(1), 5) as AnyStep,
      property: () => {
        const $todo = constant({ title: 'a' }) as never as { title: string };
        return $todo.title.toUpperCase() as never;
      },
      element: () => {
        const todo = constant({ titles: ['a'] }) as never as { titles: string[] };
        return todo.titles[0] as never;
      },
      method: () => {
        const $todos = constant([1]) as never as number[];
        return $todos.map((todo) => todo + 1) as never;
      },
      spread: () => {
        const $todos = constant([1]) as never as number[];
        return lambda([...$todos] as never, (todos) => todos) as AnyStep;
      },
      inside: () => shout(constant({ title: 'a' }) as never) as never,
      own: () => {
        throw new TypeError('A title must be a text.');
      },
    },
  },
});

const remedies = (read = 'get($step, "name")'): string =>
  `Plan resolvers get steps, whose values are known at run time only: ${read} reads a property, lambda($step, (value) => ...) computes with a value, each($list, ($item) => ...) plans the items of a list.`;

const mistakes: ReadonlyArray<readonly [field: string, message: string]> = [
  ['noStep', 'test.echo was given { a: 1 } where it needs a step; constant(value) makes one.'],
  ['promise', 'test.echo was given a promise where it needs a step.'],
  ['nothing', 'test.echo was given undefined where it needs a step.'],
  ['idle', 'IdleStep has no method "execute".'],
  ['text', 'The plan resolver of "Query.text" returned "a text", not a step; constant(value) makes one.'],
  ['noFunction', 'lambda was given undefined where it needs a function.'],
  ['noDependency', 'test.echo has no dependency 5.'],
  [
    'property',
    `Cannot read properties of undefined (reading 'toUpperCase') in the plan resolver of Query.property. ${remedies('get($todo, "title")')}`,
  ],
  ['element', `Cannot read properties of undefined (reading '0') in the plan resolver of Query.element. ${remedies()}`],
  ['method', `$todos.map is not a function in the plan resolver of Query.method. ${remedies()}`],
  ['spread', `$todos is not iterable in the plan resolver of Query.spread. ${remedies()}`],
  [
    'inside',
    `Cannot read properties of undefined (reading 'toUpperCase') in the plan resolver of Query.inside. ${remedies()}`,
  ],
  ['own', 'A title must be a text.'],
];
for (const [field, message] of mistakes) {
  test(`${field}: ${message}`, () => {
    assert.equal(plain(run(`{ fine ${field} }`)), {
      data: { fine: 1, [field]: null },
      errors: [`${field}: ${message}`],
    });
  });
}

test('what execute keeps in its step is refused: the step serves all requests (rule R25)', () => {
  const errors = ['counted: Cannot add property calls, object is not extensible'];
  for (let n = 0; n < 2; n++) assert.equal(plain(run('{ counted }')), { data: { counted: null }, errors });
});

test('a step that was taken for a value: the error has the frames of the plan resolver', async () => {
  const { errors } = await run('{ inside }');
  const original = errors?.[0]?.originalError;
  assert.match(original?.stack ?? '', /TypeError.*\n.*at shout .*mistakes\.test\.ts/);
  assert.is((original as { coordinate?: string }).coordinate, 'Query.inside');
});

test('a step of another plan', () => {
  assert.equal(plain(run('{ keep }')).data, { keep: 1 });
  assert.equal(plain(run('{ fine foreign }')), {
    data: { fine: 1, foreign: null },
    errors: ['foreign: lambda was given a step of another plan. Steps must not be kept.'],
  });
});

test('a step outside of planning', () => {
  assert.throws(() => constant(1), /^A step was created outside of planning\. Steps are created in plan resolvers/);
  assert.throws(() => get(kept, 'a'), /outside of planning|another plan/);
});

test.run();
