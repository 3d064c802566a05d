import { type GraphQLResolveInfo, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { Step } from '../../src/step/Step.ts';
import { Eventual } from '../../src/utils/Eventual.ts';

/** Traces its name before and after it waited. */
class TracingStep extends Step<string> {
  static override readonly op = 'test.tracing';

  constructor(name: string, turns: number) {
    super();
    this.addDependency(constant(name));
    this.params = { name, turns };
  }

  override async execute(count: number, _values: unknown[], extra: ExecuteExtra): Promise<string[]> {
    const { name, turns } = this.params as { name: string; turns: number };
    extra.trace('before', name);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    extra.trace('after', name);
    return new Array(count).fill(name);
  }
}

/** Yields an `Eventual` that comes on the next turn of the event loop. */
class EventualStep extends Step<string> {
  static override readonly op = 'test.eventual';

  constructor() {
    super();
    this.addDependency(constant('value'));
  }

  override execute(_count: number, [values]: [string[]]): Eventual<string[]> {
    const eventual = new Eventual<string[]>();
    setImmediate(() => eventual.come(values));
    return eventual;
  }
}

const schema = makeSchema({
  typeDefs: 'type Query { slow: String quick: String eventual: String }',
  objects: {
    Query: {
      plans: {
        slow: () => new TracingStep('slow', 3),
        quick: () => new TracingStep('quick', 1),
        eventual: () => new EventualStep(),
      },
    },
  },
});

function keysOf(path: GraphQLResolveInfo['path'] | undefined): string {
  return path === undefined ? '' : `${keysOf(path.prev)} ${path.key}`.trim();
}

interface Explained {
  readonly plan: { readonly steps: readonly { readonly op: string }[] };
  readonly measured: Readonly<Record<number, { readonly notes: unknown }>>;
}

const test = suite('the extra of a step');

test('a trace after an await belongs to its step [5.5.1]', async () => {
  const engine = createEngine({ schema });
  const document = parse('{ slow quick }');
  const text = await engine.explain({ document, format: 'json', analyze: true });
  const { plan, measured } = JSON.parse(text) as Explained;
  const notes = plan.steps.map(({ op }, id) => (op === 'test.tracing' ? measured[id]?.notes : undefined));
  assert.equal(
    notes.filter((known) => known !== undefined),
    [
      { before: 'slow', after: 'slow' },
      { before: 'quick', after: 'quick' },
    ],
  );
});

test('an Eventual is as good as a promise [5.5.2]', async () => {
  const engine = createEngine({ schema });
  const result = await engine.execute({ document: parse('{ eventual }') });
  assert.equal({ ...result.data }, { eventual: 'value' });
});

test('the path of a row is found without a look at all other rows', async () => {
  const resolve = (_pet: unknown, _args: unknown, _context: unknown, { path }: GraphQLResolveInfo) => keysOf(path);
  const pets = makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { owners: [Owner] }
      type Owner { pets: [Pet] }
      interface Pet { path: String }
      type Cat implements Pet { path: String }
      type Dog implements Pet { path: String }
    `,
    objects: { Cat: { plans: { path: { resolve } } }, Dog: { plans: { path: { resolve } } } },
  });
  const many = <T>(make: (n: number) => T): T[] => Array.from({ length: 20 }, (_, n) => make(n));
  const pet = (n: number) => (n % 5 === 0 ? null : { __typename: n % 2 === 0 ? 'Cat' : 'Dog' });
  const { map } = Int32Array.prototype;
  let looks = 0;
  Int32Array.prototype.map = function (...given) {
    looks++;
    return Reflect.apply(map, this, given);
  };
  try {
    const { data } = await createEngine({ schema: pets }).execute({
      document: parse('{ owners { pets { path } } }'),
      rootValue: { owners: many((n) => (n % 3 === 0 ? null : { pets: many(pet) })) },
    });
    assert.match(JSON.stringify(data), '"owners 4 pets 7 path"');
    assert.ok(looks < 20, `${looks} looks for ${13 * 16} rows`);
  } finally {
    Int32Array.prototype.map = map;
  }
});

test.run();
