import type { ExecutionResult, GraphQLError } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlanningError } from '../../src/plan/planningErrors.ts';
import type { AnyStep } from '../../src/schema/planResolvers.ts';
import { Step } from '../../src/step/Step.ts';
import { version } from '../../src/utils/version.ts';
import * as steps from '../../steps/index.ts';
import * as kvetchSteps from '../../steps/kvetch/index.ts';
import { plain, runner } from './support.ts';

/** Values in the place of steps are refused when the plan is made (rule R8). */
const test = suite('values that are no steps');

const load = steps.loader({ name: 'notSteps.load', load: (keys: readonly unknown[]) => keys.map(() => 1) });
const lists = steps.loader({ name: 'notSteps.lists', load: (keys: readonly unknown[]) => keys.map(() => [1]) });
const nodeTypes = { User: { plan: ($key: Step) => $key } };

// biome-ignore lint/suspicious/noExplicitAny: what an untyped user writes
type Use = (wrong: any) => unknown;

const uses: Readonly<Record<string, Use>> = {
  access: (wrong) => steps.access(wrong, 'a'),
  get: (wrong) => steps.get(wrong, 'a'),
  lambda: (wrong) => steps.lambda(wrong, String),
  'lambda of a tuple': (wrong) => steps.lambda([steps.constant(1), wrong], String),
  'lambda of a record': (wrong) => steps.lambda({ a: wrong }, String),
  sideEffect: (wrong) => steps.sideEffect(wrong, String),
  loadOne: (wrong) => steps.loadOne(wrong, load),
  loadMany: (wrong) => steps.loadMany(wrong, lists),
  'list with one': (wrong) => steps.list([wrong]),
  'object with one': (wrong) => steps.object({ a: wrong }),
  each: (wrong) => steps.each(wrong, ($item) => $item),
  filter: (wrong) => steps.filter(wrong, ($item) => $item),
  groupBy: (wrong) => steps.groupBy(wrong, ($item) => $item as never),
  first: (wrong) => steps.first(wrong),
  last: (wrong) => steps.last(wrong),
  reverse: (wrong) => steps.reverse(wrong),
  at: (wrong) => steps.at(wrong, 0),
  listLength: (wrong) => steps.listLength(wrong),
  remapKeys: (wrong) => steps.remapKeys(wrong, { a: 'b' } as never),
  coalesce: (wrong) => steps.coalesce(wrong, steps.constant(1)),
  condition: (wrong) => steps.condition('exists', wrong),
  'condition of two': (wrong) => steps.condition('===', steps.constant(1), wrong),
  inhibitOnNull: (wrong) => steps.inhibitOnNull(wrong),
  inhibitOnEmpty: (wrong) => steps.inhibitOnEmpty(wrong),
  inhibitIf: (wrong) => steps.inhibitIf(wrong, steps.constant(true)),
  'inhibitIf by': (wrong) => steps.inhibitIf(steps.constant(1), wrong),
  assertNotNull: (wrong) => steps.assertNotNull(wrong, 'It is null.'),
  exitIf: (wrong) => steps.exitIf(wrong, null),
  trap: (wrong) => steps.trap(wrong, steps.TRAP_ERROR),
  connection: (wrong) => steps.connection(wrong, wrong),
  nodeId: (wrong) => steps.nodeId('User', wrong),
  nodeKey: (wrong) => steps.nodeKey('User', wrong),
  node: (wrong) => steps.node(wrong, { types: nodeTypes as never }),
  recordDependency: (wrong) => steps.recordDependency(wrong, wrong),
  loadObject: (wrong) => kvetchSteps.loadObject(wrong),
  loadObjects: (wrong) => kvetchSteps.loadObjects(wrong),
  loadEdges: (wrong) => kvetchSteps.loadEdges('edge', wrong),
  loadEdgeObjects: (wrong) => kvetchSteps.loadEdgeObjects('edge', wrong),
  countEdges: (wrong) => kvetchSteps.countEdges('edge', wrong),
  loadIndex: (wrong) => kvetchSteps.loadIndex('index', wrong),
  loadIndexObjects: (wrong) => kvetchSteps.loadIndexObjects('index', wrong),
};

const wrongs: ReadonlyArray<readonly [value: unknown, seen: string, remedy: string]> = [
  [undefined, 'undefined', ''],
  [5, '5', '; constant\\(value\\) makes one'],
  ['id', '"id"', '; constant\\(value\\) makes one'],
];

/** What any version puts on its steps. */
const ofAnotherVersion: unknown = Object.create({ [Symbol.for('planql.version')]: '0.0.9' });

function planned(wrong: () => AnyStep): ExecutionResult {
  const run = runner({
    typeDefs: 'type Query { fine: Int wrong: String }',
    plans: { Query: { fine: () => steps.constant(1), wrong } },
  });
  return run('{ fine wrong }') as ExecutionResult;
}

for (const [name, use] of Object.entries(uses)) {
  for (const [wrong, seen, remedy] of wrongs) {
    test(`${name} of ${seen}`, () => {
      const result = plain(planned(() => use(wrong) as AnyStep));
      assert.equal(result.data, { fine: 1, wrong: null });
      assert.match(
        String(result.errors),
        new RegExp(`^wrong: ${name.split(' ')[0]} was given ${seen}( as "\\w+")? where it needs a step${remedy}\\.$`),
      );
    });
  }
}

for (const [name, use] of Object.entries(uses)) {
  test(`${name} of a step of another version`, () => {
    const result = plain(planned(() => use(ofAnotherVersion) as AnyStep));
    assert.equal(result.data, { fine: 1, wrong: null });
    assert.match(
      String(result.errors),
      new RegExp(
        `^wrong: ${name.split(' ')[0]} was given a step of planql 0\\.0\\.9( as "\\w+")? where it needs one of planql ${version.replaceAll('.', '\\.')}\\.$`,
      ),
    );
  });
}

test('a plan resolver that returns a step of another version', () => {
  assert.equal(plain(planned(() => ofAnotherVersion as AnyStep)).errors, [
    `wrong: The plan resolver of "Query.wrong" returned a step of planql 0.0.9, not one of planql ${version}.`,
  ]);
});

test('a step in a text, a sum or a comparison', () => {
  for (const use of [
    ($step: unknown) => `${$step}`,
    ($step: unknown) => ($step as number) + 1,
    ($step: unknown) => ($step as number) > 1,
  ]) {
    const run = runner({
      typeDefs: 'type Query { wrong: String }',
      plans: { Query: { wrong: () => use(steps.constant(1)) as unknown as AnyStep } },
    });
    assert.equal(plain(run('{ wrong }')).errors, [
      'wrong: A step was used as a text or a number in the plan resolver of Query.wrong. Its value is known at run time only: use lambda($step, (value) => ...).',
    ]);
  }
});

test('the id of a step, where the id of what it yields was meant', () => {
  const run = runner({
    typeDefs: 'type Query { wrong: String }',
    plans: { Query: { wrong: () => steps.constant(`user ${(steps.constant({ id: 7 }) as { id?: unknown }).id}`) } },
  });
  assert.equal(plain(run('{ wrong }')).errors, [
    'wrong: A step has no "id" in the plan resolver of Query.wrong: its value is known at run time only. Use get($step, "id").',
  ]);
});

test('the original error names the field and keeps the frames of the plan resolver', () => {
  function priceOf(): never {
    throw new RangeError('There is no price list.');
  }
  const run = runner({ typeDefs: 'type Query { price: Int }', plans: { Query: { price: () => priceOf() } } });
  const { originalError } = (run('{ price }') as { errors: readonly [GraphQLError] }).errors[0];
  assert.is((originalError as PlanningError).coordinate, 'Query.price');
  assert.match(
    String(originalError?.stack),
    /RangeError: There is no price list\.\n\s+at priceOf .*notSteps\.test\.ts/,
  );
  assert.instance(originalError?.cause, RangeError);
});

test('an argument that the field does not have', () => {
  const run = runner({
    typeDefs: 'type Query { issue(id: ID): String }',
    plans: { Query: { issue: (_$root: unknown, { $ide }: Record<string, AnyStep>) => $ide as AnyStep } },
  } as never);
  assert.equal(plain(run('{ issue(id: "1") }')).errors, [
    'issue: Query.issue has no argument "ide". Did you mean "id"?',
  ]);
});

class InUnitStep extends Step<string> {
  static override readonly op = 'test.inUnit';
  constructor(
    $value: Step,
    private unit: string,
  ) {
    super();
    this.addDependency($value);
  }
  override execute(_count: number, [values]: readonly [readonly unknown[]]): readonly string[] {
    return values.map((value) => `${value} ${this.unit}`);
  }
}

test('a step that keeps state outside of its params', () => {
  const run = runner({
    typeDefs: 'type Query { a: String b: String }',
    plans: {
      Query: {
        a: () => new InUnitStep(steps.constant(1), 'm') as Step as AnyStep,
        b: () => new InUnitStep(steps.constant(1), 'km') as Step as AnyStep,
      },
    },
  });
  const message =
    'InUnitStep keeps "unit" in a field of the step. "execute" reads "params" only: set "this.params = { unit }" in the ' +
    'constructor and read "this.params.unit". A field that only planning needs must be private ("#unit").';
  assert.equal(plain(run('{ a b }')).errors, [`a: ${message}`, `b: ${message}`]);
});

test.run();
