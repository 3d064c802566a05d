/** Lists of steps and loaders that throw while they are read, with promises before the place where they do. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  createEngine,
  each,
  loader,
  loadOne,
  makeSchema,
  Step,
  type StepResult,
} from '../../src/index.ts';

const test = suite('lists that throw');
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
test.before(() => void process.on('unhandledRejection', note));
test.after(() => void process.off('unhandledRejection', note));

function oddList(): never {
  const list: unknown[] = [Promise.reject(new Error('rejected')), null];
  return Object.defineProperty(list, 1, {
    get() {
      throw new Error('no entry');
    },
  }) as never;
}

class OddStep extends Step {
  static override readonly op = 'test.oddList';

  constructor($id: AnyStep) {
    super();
    this.addDependency($id);
  }

  override execute(): StepResult<unknown> {
    return oddList();
  }
}

/** The messages of two rows of a field. */
async function rowsBy(codegen: 'never' | 'always', plan: ($id: AnyStep) => AnyStep): Promise<readonly string[]> {
  const schema = makeSchema({
    typeDefs: 'type Query { rows(ids: [ID!]!): [String] other: Int }',
    objects: { Query: { plans: { rows: (_$root, { $ids }) => each($ids, plan), other: { resolve: () => 1 } } } },
  });
  const { data, errors = [] } = await createEngine({ schema, codegen }).execute({
    document: parse('{ rows(ids: ["a", "b"]) other }'),
  });
  assert.equal(JSON.parse(JSON.stringify(data)), { rows: [null, null], other: 1 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(unhandled.splice(0), []);
  return errors.map(({ message, path }) => `${path?.join('.')} ${message}`);
}

for (const codegen of ['never', 'always'] as const) {
  test(`of a step, codegen ${codegen}: all rows fail [R13 R27]`, async () => {
    assert.equal(await rowsBy(codegen, ($id) => new OddStep($id)), ['rows.0 no entry', 'rows.1 no entry']);
  });

  for (const [name, batch] of Object.entries({ alone: null, 'with others': {} })) {
    for (const isLate of [false, true]) {
      test(`of a loader ${name}, ${isLate ? 'later' : 'at once'}, codegen ${codegen}: all fail [R13 R27 5.8.5]`, async () => {
        const odd = loader({
          name: 'test.oddList',
          load: () => (isLate ? Promise.resolve(oddList()) : oddList()),
          ...(batch && { batch }),
        });
        assert.equal(await rowsBy(codegen, ($id) => loadOne($id, odd)), ['rows.0 no entry', 'rows.1 no entry']);
      });
    }
  }
}

test.run();
