import { readFileSync } from 'node:fs';
import { type ExecutionResult, GraphQLError, execute as graphqlExecute, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CaseArgs, casesOf } from './roads.ts';
import { later, schemaOf } from './schemaOf.ts';
import { statements } from './statements.ts';

const addCases = casesOf(import.meta.url);

const fail = (): never => {
  throw new GraphQLError('failed', { extensions: { code: 'FAILED' } });
};
const echo = (_source: unknown, args: unknown): string => JSON.stringify(args);
const step = (name: string) => async (_root: unknown, _args: unknown, context: { log: string[] }) => {
  context.log.push(`${name} begins`);
  await later(null, 3);
  context.log.push(`${name} ends`);
  return { log: (_args: unknown, { log }: { log: string[] }) => log.join(', ') };
};

const schema = schemaOf(
  /* GraphQL */ `
    type Query {
      a: Int b: Int fail: Int late: Int missing: Int list: [Int] strictList: [Int!] matrix: [[Int!]!] noList: [Int] badInt: Int nothing: Nothing color: Color
      obj: Obj strict: Strict must: Int! pet: Pet pets: [Pet] named: [Named] strange: Pet failingPets: [Strict!]
      opt(n: Int, d: Int = 3, nul: Int = null): String required(n: Int!): String list1(l: [Int]): String input(i: In, e: Color): String
    }
    type Mutation { first: Logged second: Logged }
    type Logged { log: String }
    type Obj { a: Int b: Int obj: Obj twice(n: Int): Int }
    type Strict { ok: Int must: Int! strict: Strict! }
    interface Named { name: String }
    type Cat implements Named { name: String lives: Int }
    type Dog implements Named { name: String barks: Boolean }
    union Pet = Cat | Dog
    enum Color { RED GREEN }
    scalar Nothing
    input In { x: Int! = 5, y: [Int], in: In, c: Color = RED }
  `,
  {
    Query: {
      fields: { fail, late: () => later(4, 2), opt: echo, required: echo, list1: echo, input: echo },
    },
    Mutation: { fields: { first: step('first'), second: step('second') } },
    Obj: { fields: { twice: ({ a }, { n }) => later(a * n) } },
    Nothing: { serialize: () => undefined },
  },
);
const cat = { __typename: 'Cat', name: 'Tom', lives: 9 };
const dog = { __typename: 'Dog', name: 'Rex', barks: true };
const strict = { ok: 1, must: null };
const rootValue = {
  a: 1,
  b: 2,
  list: [1, null, 'x'],
  strictList: [1, null],
  matrix: [[1], [2, null]],
  noList: 7,
  badInt: 'no number',
  nothing: 1,
  color: 'GREEN',
  obj: { a: 1, b: 2, obj: { a: 3, b: 4 } },
  strict: { ...strict, strict },
  must: null,
  pet: dog,
  pets: [cat, dog, null],
  named: [dog, cat],
  strange: { __typename: 'Obj' },
  failingPets: [{ ok: 1, must: 1 }, strict],
};

interface Shown {
  readonly operation: string;
  readonly data?: unknown;
  /** The paths of its errors. */
  readonly fails?: readonly string[];
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly args?: CaseArgs;
}

const two = 'query A { a } query B { b }';
const optional = 'query ($n: Int, $d: Int = 7, $z: Int = null) { opt(n: $n, d: $d, nul: $z) }';
const opt = (args: object): object => ({ opt: JSON.stringify(args) });

const shown: Readonly<Record<string, Shown | readonly Shown[]>> = {
  'GetOperation.only': { operation: 'query Only { a }', data: { a: 1 } },
  'GetOperation.ambiguous': { operation: two, fails: [''] },
  'GetOperation.named': { operation: two, args: { operationName: 'B' }, data: { b: 2 } },
  'GetOperation.unknown': { operation: two, args: { operationName: 'C' }, fails: [''] },
  'CoerceVariableValues.default': { operation: optional, data: opt({ d: 7, nul: null }) },
  'CoerceVariableValues.absent': { operation: 'query ($n: Int) { opt(n: $n) }', data: opt({ d: 3, nul: null }) },
  'CoerceVariableValues.null': {
    operation: optional,
    variables: { n: null, d: null, z: 4 },
    data: opt({ n: null, d: null, nul: 4 }),
  },
  'CoerceVariableValues.required': [
    { operation: 'query ($n: Int!) { required(n: $n) }', fails: [''] },
    { operation: 'query ($n: Int!) { required(n: $n) }', variables: { n: null }, fails: [''] },
  ],
  'CoerceVariableValues.coerced': {
    operation: 'query ($l: [Int], $i: In) { list1(l: $l) input(i: $i) }',
    variables: { l: 3, i: { y: 1, in: {} } },
    data: { list1: '{"l":[3]}', input: '{"i":{"x":5,"y":[1],"in":{"x":5,"c":"RED"},"c":"RED"}}' },
  },
  'CoerceVariableValues.refused': [
    { operation: 'query ($n: Int) { opt(n: $n) }', variables: { n: 'text' }, fails: [''] },
    { operation: 'query ($i: In) { input(i: $i) }', variables: { i: { z: 1 } }, fails: [''] },
  ],
  'ExecuteQuery.initialValue': { operation: '{ a obj { b } }', data: { a: 1, obj: { b: 2 } } },
  'ExecuteMutation.serially': {
    operation: 'mutation { second { log } first { log } }',
    data: {
      second: { log: 'second begins, second ends' },
      first: { log: 'second begins, second ends, first begins, first ends' },
    },
  },
  'ExecuteMutation.subfields': {
    operation: 'mutation { a: first { log } ... { b: first { log } a: first { again: log } } }',
    data: {
      a: { log: 'first begins, first ends', again: 'first begins, first ends' },
      b: { log: 'first begins, first ends, first begins, first ends' },
    },
  },
  'ExecuteSelectionSet.order': {
    operation: '{ late b ...F a } fragment F on Query { a obj { b a } b }',
    data: { late: 4, b: 2, a: 1, obj: { b: 2, a: 1 } },
  },
  'ExecuteSelectionSet.undefined': { operation: '{ a unknown b }', data: { a: 1, b: 2 } },
  'ExecuteSelectionSet.alias': { operation: '{ b: a a: b }', data: { b: 1, a: 2 } },
  'ExecuteSelectionSet.propagates': {
    operation: '{ a strict { ok must } }',
    data: { a: 1, strict: null },
    fails: ['strict.must'],
  },
  'ExecuteSelectionSet.further': [
    { operation: '{ strict { strict { ok must } } b }', data: { strict: null, b: 2 }, fails: ['strict.strict.must'] },
    { operation: '{ a must }', data: null, fails: ['must'] },
  ],
  'CollectFields.skip': {
    operation:
      'query ($y: Boolean!, $n: Boolean!) { a @skip(if: true) b @skip(if: false) c: a @skip(if: $y) d: b @skip(if: $n) }',
    variables: { y: true, n: false },
    data: { b: 2, d: 2 },
  },
  'CollectFields.include': {
    operation:
      'query ($y: Boolean!, $n: Boolean!) { a @include(if: true) b @include(if: false) ...F @include(if: $y) ... @include(if: $n) { d: b } } fragment F on Query { c: a }',
    variables: { y: true, n: false },
    data: { a: 1, c: 1 },
  },
  'CollectFields.both': {
    operation:
      '{ a @skip(if: false) @include(if: true) b @skip(if: true) @include(if: true) c: a @skip(if: false) @include(if: false) }',
    data: { a: 1 },
  },
  'CollectFields.group': {
    operation: '{ obj { a } ...F ... { obj { obj { a } } } } fragment F on Query { obj { b obj { b } } a }',
    data: { obj: { a: 1, b: 2, obj: { b: 4, a: 3 } }, a: 1 },
  },
  'CollectFields.visited': {
    operation: '{ ...F b ...F } fragment F on Query { a ...G } fragment G on Query { a: a late }',
    data: { a: 1, late: 4, b: 2 },
  },
  'CollectFields.missing': { operation: '{ a ...Missing b }', data: { a: 1, b: 2 } },
  'CollectFields.inline': { operation: '{ ... { a } ... on Query { b } }', data: { a: 1, b: 2 } },
  'DoesFragmentTypeApply.object': {
    operation: '{ pets { ... on Cat { lives } ... on Dog { barks } } }',
    data: { pets: [{ lives: 9 }, { barks: true }, null] },
  },
  'DoesFragmentTypeApply.interface': {
    operation: '{ pets { ... on Named { name } } }',
    data: { pets: [{ name: 'Tom' }, { name: 'Rex' }, null] },
  },
  'DoesFragmentTypeApply.union': {
    operation: '{ named { ... on Pet { __typename } } }',
    data: { named: [{ __typename: 'Dog' }, { __typename: 'Cat' }] },
  },
  'CoerceArgumentValues.default': { operation: '{ opt }', data: opt({ d: 3, nul: null }) },
  'CoerceArgumentValues.absent': { operation: '{ input }', data: { input: '{}' } },
  'CoerceArgumentValues.absentVariable': [
    { operation: 'query ($d: Int, $n: Int) { opt(n: $n, d: $d) }', data: opt({ d: 3, nul: null }) },
    {
      operation: 'query ($y: [Int], $x: Int = 9) { input(i: { x: $x, y: $y }) }',
      data: { input: '{"i":{"x":9,"c":"RED"}}' },
    },
  ],
  'CoerceArgumentValues.null': { operation: '{ opt(n: null, d: null) }', data: opt({ n: null, d: null, nul: null }) },
  'CoerceArgumentValues.required': [
    { operation: '{ required a }', data: { required: null, a: 1 }, fails: ['required'] },
    { operation: '{ required(n: null) a }', data: { required: null, a: 1 }, fails: ['required'] },
    { operation: 'query ($n: Int) { required(n: $n) a }', data: { required: null, a: 1 }, fails: ['required'] },
  ],
  'CoerceArgumentValues.variable': {
    operation: 'query ($n: Int!) { required(n: $n) opt(d: $n) }',
    variables: { n: 1 },
    data: { required: '{"n":1}', ...opt({ d: 1, nul: null }) },
  },
  'CoerceArgumentValues.literal': [
    { operation: '{ input(e: GREEN) }', data: { input: '{"e":"GREEN"}' } },
    { operation: '{ input(e: PINK) opt(n: "1") a }', data: { input: null, opt: null, a: 1 }, fails: ['input', 'opt'] },
  ],
  'CoerceArgumentValues.inner': {
    operation: 'query ($x: Int!) { input(i: { y: [$x, 2], in: { x: $x } }) }',
    variables: { x: 8 },
    data: { input: '{"i":{"x":5,"y":[8,2],"in":{"x":8,"c":"RED"},"c":"RED"}}' },
  },
  'CoerceArgumentValues.list': {
    operation: '{ list1(l: 3) b: list1(l: null) c: list1(l: [null]) }',
    data: { list1: '{"l":[3]}', b: '{"l":null}', c: '{"l":[null]}' },
  },
  'ResolveFieldValue.called': {
    operation: '{ obj { twice(n: 4) obj { twice(n: 2) } } late }',
    data: { obj: { twice: 4, obj: { twice: 6 } }, late: 4 },
  },
  'CompleteValue.nonNull': { operation: '{ strict { must } }', data: { strict: null }, fails: ['strict.must'] },
  'CompleteValue.null': {
    operation: '{ missing pets { __typename } }',
    data: { missing: null, pets: [{ __typename: 'Cat' }, { __typename: 'Dog' }, null] },
  },
  'CompleteValue.list': {
    operation: '{ pets { ... on Named { name } } matrix }',
    data: { pets: [{ name: 'Tom' }, { name: 'Rex' }, null], matrix: null },
    fails: ['matrix.1.1'],
  },
  'CompleteValue.noList': { operation: '{ noList a }', data: { noList: null, a: 1 }, fails: ['noList'] },
  'CompleteValue.listItems': {
    operation: '{ list strictList }',
    data: { list: [1, null, null], strictList: null },
    fails: ['list.2', 'strictList.1'],
  },
  'CompleteValue.leaf': { operation: '{ color a }', data: { color: 'GREEN', a: 1 } },
  'CoerceResult.refused': {
    operation: '{ badInt nothing a }',
    data: { badInt: null, nothing: null, a: 1 },
    fails: ['badInt', 'nothing'],
  },
  'CompleteValue.object': {
    operation: '{ obj { a } obj { b obj { a } } obj { obj { b } } }',
    data: { obj: { a: 1, b: 2, obj: { a: 3, b: 4 } } },
  },
  'ResolveAbstractType.resolved': {
    operation: '{ pet { __typename } named { __typename name } }',
    data: {
      pet: { __typename: 'Dog' },
      named: [
        { __typename: 'Dog', name: 'Rex' },
        { __typename: 'Cat', name: 'Tom' },
      ],
    },
  },
  'ResolveAbstractType.refused': {
    operation: '{ strange { __typename } a }',
    data: { strange: null, a: 1 },
    fails: ['strange'],
  },
  'HandlingErrors.null': { operation: '{ fail }', data: { fail: null }, fails: ['fail'] },
  'HandlingErrors.once': {
    operation: '{ strict { must again: must } }',
    data: { strict: null },
    fails: ['strict.must'],
  },
  'HandlingErrors.siblings': {
    operation: '{ a fail late obj { a } }',
    data: { a: 1, fail: null, late: 4, obj: { a: 1 } },
    fails: ['fail'],
  },
  'HandlingErrors.lists': {
    operation: '{ failingPets { must } matrix a }',
    data: { failingPets: null, matrix: null, a: 1 },
    fails: ['failingPets.1.must', 'matrix.1.1'],
  },
  'Response.data': [
    { operation: '{ a }', data: { a: 1 } },
    { operation: '{ must }', data: null, fails: ['must'] },
  ],
  'Response.noErrors': { operation: '{ a missing }', data: { a: 1, missing: null } },
  'Response.requestError': { operation: 'query ($n: Int!) { a }', fails: [''] },
  'Response.message': { operation: '{ fail }', data: { fail: null }, fails: ['fail'] },
  'Response.locations': { operation: '{\n  a\n  ok: fail\n}', data: { a: 1, ok: null }, fails: ['ok'] },
  'Response.path': { operation: '{ x: failingPets { y: must } }', data: { x: null }, fails: ['x.1.y'] },
  'Response.extensions': { operation: '{ fail }', data: { fail: null }, fails: ['fail'] },
  'Response.onlyThese': { operation: '{ fail must }', data: null, fails: ['fail', 'must'] },
  'Response.serialization': { operation: '{ z: a y: b x: obj { z: b a } }', data: { z: 1, y: 2, x: { z: 2, a: 1 } } },
};

const specification = suite('the GraphQL specification, statement by statement');

const errorKeys = ['message', 'locations', 'path', 'extensions'];

for (const [id, given] of Object.entries(shown)) {
  for (const [index, { operation, data, fails = [], variables, args }] of [given].flat().entries()) {
    const name = `${id} ${index}: ${statements[id]?.says}`;
    const makeContext = (): object => ({ log: [] });
    addCases(specification, [
      {
        name,
        rules: ['R17'],
        schema,
        operation,
        rootValue,
        makeContext,
        ...(variables && { variables }),
        ...(args && { args }),
      },
    ]);
    // What is shown is what was meant: otherwise the roads agree on something else.
    specification(`${name} That is so.`, async () => {
      const request = {
        schema,
        document: parse(operation),
        rootValue,
        variableValues: variables,
        contextValue: makeContext(),
        ...args,
      };
      const result = JSON.parse(JSON.stringify(await graphqlExecute(request as never))) as ExecutionResult;
      assert.is(JSON.stringify(result.data), JSON.stringify(data));
      assert.equal(
        (result.errors ?? []).map(({ path = [] }) => path.join('.')),
        fails,
      );
      for (const error of result.errors ?? []) {
        assert.ok(error.message.length > 0);
        assert.equal(
          Object.keys(error).filter((key) => !errorKeys.includes(key)),
          [],
        );
        if (error.path !== undefined) assert.ok(error.locations?.every(({ line, column }) => line >= 1 && column >= 1));
      }
    });
  }
}

specification('no statement is without a case', () => {
  const missing = Object.entries(statements).filter(([id, { shownIn }]) => {
    if (shownIn === undefined) return shown[id] === undefined;
    const [file, test] = shownIn;
    return !readFileSync(new URL(file, import.meta.url), 'utf8').includes(test);
  });
  assert.equal(
    missing.map(([id]) => id),
    [],
  );
  assert.equal(
    Object.keys(shown).filter((id) => statements[id] === undefined),
    [],
    'and no case shows a statement that is none',
  );
});

specification.run();
