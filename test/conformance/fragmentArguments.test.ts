import { type DocumentNode, execute as graphqlExecute, type ParseOptions, parse, validate, versionInfo } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { memoryPlanStore } from '../../src/planStores/memoryPlanStore.ts';
import { compareResults } from './compareResults.ts';
import { schemaOf } from './schemaOf.ts';

const schema = schemaOf(
  /* GraphQL */ `
    type Query { f(x: Int = 7, o: O, l: [Int]): String one(of: One = { a: 7 }, all: [One]): String me: Query must: Query! list: [Query] deep(n: Int! = 3): Query animal: Animal }
    input O { a: Int b: Int = 2 }
    input One @oneOf { a: Int b: String c: One l: [One!] }
    interface Animal { call(loud: Boolean = false): String }
    type Dog implements Animal { call(loud: Boolean = false): String }
    type Cat implements Animal { call(loud: Boolean = false): String }
  `,
  {
    Query: {
      fields: {
        f: (_root, args) => JSON.stringify(args),
        one: (_root, args) => JSON.stringify(args),
        me: () => ({}),
        must: () => ({}),
        list: () => [{}, {}],
        deep: (_root, { n }) => (n > 0 ? {} : null),
        animal: () => ({ __typename: 'Dog' }),
      },
    },
    Animal: { resolveType: () => 'Dog' },
    Dog: { fields: { call: (_dog, { loud }) => (loud ? 'WOOF' : 'woof') } },
  },
);

function document(text: string): DocumentNode {
  return parse(text, { experimentalFragmentArguments: true } as ParseOptions);
}

const onX = 'fragment F($x: Int = 5) on Query { f(x: $x) }';
const cases: Readonly<Record<string, readonly [text: string, variables?: Record<string, unknown>]>> = {
  'a value': ['{ ...F(x: 1) } fragment F($x: Int) on Query { f(x: $x) }'],
  'no value, and no default': ['{ ...F } fragment F($x: Int) on Query { f(x: $x) }'],
  'no value, and a default': [`{ ...F } ${onX}`],
  null: [`{ ...F(x: null) } ${onX}`],
  'a variable that is given': [`query ($v: Int) { ...F(x: $v) } ${onX}`, { v: 9 }],
  'a variable that is null': [`query ($v: Int) { ...F(x: $v) } ${onX}`, { v: null }],
  'a variable that is not given': [`query ($v: Int) { ...F(x: $v) } ${onX}`],
  'a variable that is not given and has a default': [`query ($v: Int = 8) { ...F(x: $v) } ${onX}`],
  'a variable that is not given, no default anywhere': [
    'query ($v: Int) { ...F(x: $v) } fragment F($x: Int) on Query { f(x: $x, l: [$x], o: { a: $x }) }',
  ],
  'a variable of a fragment hides one of the operation, in that fragment only': [
    'query ($x: Int) { ...F(x: 1) g: f(x: $x) } fragment F($x: Int) on Query { f(x: $x) ...G me { ...G } } fragment G on Query { h: f(x: $x) }',
    { x: 4 },
  ],
  'handed on to another fragment': [
    '{ ...F(x: 1) } fragment F($x: Int) on Query { f(x: $x) me { ...G(y: $x) } } fragment G($y: Int = 3) on Query { f(x: $y, l: [$y, 2], o: { a: $y }) }',
  ],
  'nothing is handed on to another fragment': [
    '{ ...F } fragment F($x: Int) on Query { me { ...G(y: $x) } } fragment G($y: Int) on Query { f(x: $y, l: [$y, 2], o: { a: $y, b: $y }) }',
  ],
  'conditions, with a value': [
    '{ ...F(s: true) } fragment F($s: Boolean!) on Query { f @skip(if: $s) g: f @include(if: $s) }',
  ],
  'conditions, with a variable': [
    'query ($s: Boolean!) { ...F(s: $s) } fragment F($s: Boolean!) on Query { f @skip(if: $s) g: f @include(if: $s) }',
    { s: false },
  ],
  'different values in different places': [
    '{ a: me { ...F(x: 1) } b: me { ...F(x: 2) ...F(x: 2) } f } fragment F($x: Int) on Query { g: f(x: $x) }',
  ],
  'fields with selections, an argument in each': [
    '{ ...F(x: 2) } fragment F($x: Int!) on Query { deep(n: $x) { f(x: $x) deep(n: $x) { f(x: $x) } } }',
  ],
  objects: ['{ ...F(o: { a: 3 }) } fragment F($o: O) on Query { f(o: $o) }'],
  'objects with a variable': [
    'query ($a: Int) { ...F(o: { a: $a }) } fragment F($o: O) on Query { f(o: $o) }',
    { a: 1 },
  ],
  'objects with a variable that is not given': [
    'query ($a: Int) { ...F(o: { a: $a }) } fragment F($o: O) on Query { f(o: $o) }',
  ],
  'oneOf: a literal': [
    '{ ...F(o: { c: { a: 1 } }) } fragment F($o: One) on Query { one(of: $o, all: [$o, { b: "x" }]) }',
  ],
  'oneOf: null, nothing, and a default': [
    '{ a: me { ...F(o: null) } b: me { ...F } c: me { ...G } } fragment F($o: One) on Query { one(of: $o) } fragment G($o: One = { b: "g" }) on Query { one(of: $o) }',
  ],
  'oneOf: a variable of the fragment in it': [
    '{ a: me { ...F(a: 1) } b: me { ...F(a: 2) } } fragment F($a: Int!) on Query { one(of: { a: $a }, all: { l: { a: $a } }) }',
  ],
  'oneOf: a variable of the operation': [
    'query ($v: One, $a: Int!) { ...F(o: $v) me { ...F(o: { a: $a }) } } fragment F($o: One) on Query { one(of: $o) }',
    { v: { l: [{ a: 1 }] }, a: 3 },
  ],
  'fragments on an interface': [
    '{ animal { ...A(loud: true) ... on Dog { quiet: call ...D(loud: true) } } } fragment A($loud: Boolean) on Animal { call(loud: $loud) } fragment D($loud: Boolean) on Dog { again: call(loud: $loud) }',
  ],
  'names that are taken': [
    '{ ...F(x: 1) ...F_1 } fragment F($x: Int) on Query { f(x: $x) } fragment F_1 on Query { g: f }',
  ],
  'a fragment that spreads itself': ['{ ...F(x: 1) } fragment F($x: Int) on Query { f(x: $x) ...F(x: $x) }'],
};

const mustX = 'fragment F($x: Int!) on Query { f(x: $x) }';
/** What validation refuses. */
const unvalidated: typeof cases = {
  'for the operation': [`{ ...F } ${mustX}`],
  'for a field': [`{ me { a: f ...F } f } ${mustX}`],
  'for a field that may not be null': [`{ me { must { f ...F } } f } ${mustX}`],
  'for each item': [`{ list { ...F } f } ${mustX}`],
  'for another type': [
    '{ animal { call ...C ...D } } fragment C($x: Int!) on Cat { call } fragment D($x: Int!) on Dog { call }',
  ],
  'twice, and once given': [`{ a: me { ...F } b: me { ...F } c: me { ...F(x: 1) } } ${mustX}`],
  'in a fragment': [`{ me { ...G } } fragment G on Query { a: f me { ...F } } ${mustX}`],
  'in a fragment, the second of two': ['{ me { ...F(y: 1) } } fragment F($y: Int!, $x: Int!) on Query { f(x: $x) }'],
  'a variable without a value': [`query ($v: Int) { me { ...F(x: $v) } f } ${mustX}`],
  'a variable without a value, of a fragment': [
    `{ me { ...G } f } fragment G($y: Int) on Query { ...F(x: $y) } ${mustX}`,
  ],
  'a variable with a value': [`query ($v: Int) { me { ...F(x: $v) } f } ${mustX}`, { v: 1 }],
  'null for a value': [`{ me { ...F(x: null) } f } ${mustX}`],
  'it has a default': ['{ me { ...F } } fragment F($x: Int! = 4) on Query { f(x: $x) }'],
  'where it is skipped': [`{ me { f ...F @skip(if: true) } } ${mustX}`],
  'where it is not included': [`query ($v: Boolean!) { me { f ...F @include(if: $v) } } ${mustX}`, { v: false }],
  'where it is included': [`query ($v: Boolean!) { me { f ...F @include(if: $v) } } ${mustX}`, { v: true }],
};

const test = suite('arguments of fragments');

if (versionInfo.major < 17) {
  test('graphql-js 16 has none', () => assert.throws(() => document('{ ...F(x: 1) }'), 'Syntax Error'));
} else {
  for (const [name, [text, variableValues]] of Object.entries(cases)) {
    test(`${name} [R17]`, async () => {
      if (name !== 'a fragment that spreads itself') assert.equal(validate(schema, document(text)), []);
      const args = { document: document(text), variableValues };
      const expected = await graphqlExecute({ schema, ...args });
      const own = createEngine({ schema, codegen: 'never' });
      // What is exported is the plan for requests that give all variables.
      const store = memoryPlanStore();
      const planning = createEngine({ schema, planStore: store });
      for (let time = 0; time < 2; time++) await planning.execute(args);
      await planning.saved();
      const reading = createEngine({ schema, planStore: store });
      for (const engine of [own, own, createEngine({ schema, codegen: 'always' }), planning, reading]) {
        const difference = compareResults(expected, await engine.execute(args), true);
        assert.is(difference, null);
      }
      assert.equal(reading.stats().planCache.misses, 0, 'the plan of another engine is found');
    });
  }

  for (const [name, [text, variableValues]] of Object.entries(unvalidated)) {
    test(`a required value is missing: ${name} [R17]`, async () => {
      const args = { document: document(text), variableValues };
      const expected = await graphqlExecute({ schema, ...args });
      const own = createEngine({ schema });
      for (const engine of [own, own, createEngine({ schema, codegen: 'always' })]) {
        assert.is(compareResults(expected, await engine.execute(args), true), null);
      }
    });
  }

  test('requests that give different variables do not share a plan', () => {
    const engine = createEngine({ schema });
    const one = document(`query ($v: Int) { ...F(x: $v) } ${onX}`);
    const answers = [{}, { v: 1 }, { v: null }, {}, { v: 2 }].map((variableValues) =>
      JSON.stringify(engine.execute({ document: one, variableValues })),
    );
    const of = (x: unknown): string => JSON.stringify({ data: { f: JSON.stringify({ x }) } });
    assert.equal(answers, [of(5), of(1), of(null), of(5), of(2)]);
    assert.is(engine.stats().planCache.plans, 2, 'one where the default counts, one where it does not');
  });

  for (const again of ['[$x, 1]', '[$x, $x]']) {
    test(`fragments that would come to endless copies or values are refused: ${again}`, async () => {
      const fragments = Array.from(
        { length: 60 },
        (_, n) => `fragment F${n}($x: [Int]) on Query { ...F${n + 1}(x: [$x]) me { ...F${n + 1}(x: ${again}) } }`,
      );
      const text = `{ ...F0(x: [1]) } ${fragments.join(' ')} fragment F60($x: [Int]) on Query { f(l: $x) }`;
      const engine = createEngine({ schema });
      const { errors, data } = await engine.execute({ document: document(text) });
      assert.is(data, undefined);
      assert.match(errors?.[0]?.message ?? '', /come to more than/);
      assert.throws(() => engine.prepare(document(text)), 'come to more than');
    });
  }
}

test.run();
