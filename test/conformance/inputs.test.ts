import { suite } from 'uvu';
import { type Case, casesOf } from './roads.ts';
import { schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const show = (_root: unknown, args: unknown): string => JSON.stringify(args);
const schema = schemaOf(
  /* GraphQL */ `
  enum Color { RED GREEN BLUE }
  scalar Odd
  input Point { x: Int! y: Int = 7 color: Color = GREEN next: Point tags: [String!] = ["t"] odd: Odd }
  input Only { a: Int = 1 }
  input Choice @oneOf { a: Int b: String c: Choice l: [Choice!] }
  input Holder { c: Choice! cs: [Choice] }
  type Query {
    int(n: Int): String
    required(n: Int!): String
    defaulted(n: Int! = 5, m: Int = 6): String
    floats(f: Float, id: ID, s: String, b: Boolean): String
    point(p: Point): String
    points(ps: [Point!]): String
    pointRequired(p: Point! = { x: 1 }): String
    matrix(m: [[Int]]): String
    lists(ns: [Int], ids: [ID!], fs: [Float!], ss: [String], bs: [Boolean!]): String
    colors(cs: [Color!] = [RED], c: Color): String
    odd(o: Odd, os: [Odd]): String
    only(o: Only = {}): String
    choice(c: Choice): String
    choices(cs: [Choice!], h: Holder): String
    requiredRoot(n: Int!): String!
    child: Child
    children: [Child]
  }
  type Child { echo(n: Int, p: Point): String strict(n: Int!): String! id: ID }
`,
  {
    Query: {
      fields: Object.fromEntries(
        [
          'int',
          'required',
          'defaulted',
          'floats',
          'point',
          'points',
          'pointRequired',
          'matrix',
          'lists',
          'colors',
          'odd',
          'only',
          'choice',
          'choices',
          'requiredRoot',
        ].map((name) => [name, show]),
      ),
    },
    Child: { fields: { echo: show, strict: show } },
    Odd: {
      parseValue: (value) => {
        if (typeof value === 'number' && value % 2 === 0) throw new TypeError(`${value} is even`);
        return `odd ${JSON.stringify(value)}`;
      },
    },
  },
);
const rootValue = { child: { id: 1 }, children: [{ id: 1 }, null, { id: 2 }] };
const of = (name: string, operation: string, variables?: Record<string, unknown>, more: Partial<Case> = {}): Case => ({
  name,
  rules: ['R17'],
  schema,
  operation,
  rootValue,
  ...(variables === undefined ? null : { variables }),
  ...more,
});
const each = (name: string, operation: string, list: readonly Record<string, unknown>[]): Case[] =>
  list.map((variables) => of(`${name}: ${JSON.stringify(variables)}`, operation, variables));

const inputs = suite('arguments and variables');

addCases(inputs, [
  of(
    'literals',
    '{ int(n: 3) a: int b: int(n: null) floats(f: 1, id: 5, s: "x", b: true) matrix(m: [[1, null], null, [2]]) }',
  ),
  of(
    'defaults at every level',
    '{ defaulted d2: defaulted(n: 1) point(p: { x: 2 }) p2: point(p: { x: 2, y: null, next: { x: 3, tags: [] } }) pointRequired only o2: only(o: null) colors }',
  ),
  of('list coercion', '{ matrix(m: 5) m2: matrix(m: [5, [6]]) points(ps: { x: 1 }) colors(cs: BLUE, c: RED) }'),
  of('custom scalar literals', '{ odd(o: 3, os: [1, "s", { a: 1 }]) }'),
  of('a custom scalar that refuses a literal', '{ odd(o: 4) int(n: 1) }'),
  of('a custom scalar that refuses a nested literal', '{ point(p: { x: 1, odd: 4 }) int(n: 1) }'),
  of(
    'wrong literals that skipped validation',
    '{ int(n: "x") required defaulted(n: null) point(p: { y: 1 }) p2: point(p: { x: 1, z: 1 }) colors(c: PINK) int2: int(n: 1) }',
  ),
  of('a required argument missing in a required field', '{ int(n: 1) requiredRoot }'),
  of('a missing argument below a list', '{ children { id strict } }'),
  of('arguments below lists', '{ children { echo(n: 4) id } child { echo } }'),
  ...each('nullable variable', 'query ($n: Int) { int(n: $n) defaulted(m: $n) children { echo(n: $n) } }', [
    {},
    { n: null },
    { n: 3 },
    { n: 'x' },
    { n: 1.5 },
    { n: 2 ** 40 },
  ]),
  ...each('variable with a default', 'query ($n: Int = 9) { int(n: $n) defaulted(n: $n) required(n: $n) }', [
    {},
    { n: 3 },
  ]),
  ...each(
    'nullable variable into a required place with a default',
    'query ($n: Int = 9) { int(n: 1) defaulted(n: $n) children { strict(n: $n) } }',
    [{ n: null }],
  ),
  ...each('nullable variable into a required argument with its own default', 'query ($n: Int) { defaulted(n: $n) }', [
    {},
    { n: null },
  ]),
  ...each('stricter variables', 'query ($n: Int!, $ps: [Point!]!) { int(n: $n) defaulted(n: $n) points(ps: $ps) }', [
    { n: 1, ps: [{ x: 1 }] },
    { n: 1, ps: { x: 2 } },
    { n: null, ps: [] },
    { ps: [null] },
    { n: 1, ps: [{}] },
  ]),
  ...each(
    'variables inside of literals',
    'query ($n: Int, $p: Point, $c: Color) { point(p: { x: 1, y: $n, next: $p, color: $c }) matrix(m: [[$n], [1, $n]]) points(ps: [{ x: 5, next: $p }]) }',
    [{}, { n: null, p: null, c: null }, { n: 4, p: { x: 2 }, c: 'BLUE' }, { c: 'PINK' }],
  ),
  ...each(
    'lists of scalars',
    'query ($ns: [Int], $ids: [ID!], $fs: [Float!], $ss: [String], $bs: [Boolean!]) { lists(ns: $ns, ids: $ids, fs: $fs, ss: $ss, bs: $bs) }',
    [
      { ns: [1, null, -2], ids: ['a', 'b'], fs: [1, 0.5], ss: ['x', null], bs: [true, false] },
      { ns: [], ids: [], fs: null },
      { ns: 1, ids: 'a', ss: 'x', bs: true },
      { ids: ['a', 5, 'b'] },
      { ids: ['a', null] },
      { ids: ['a', undefined] },
      { ns: [1, 1.5] },
      { ns: [1, 2 ** 40] },
      { ns: [1, [2]], ss: [undefined, 'x'] },
      { fs: [1, Number.NaN] },
      { fs: [1, Number.POSITIVE_INFINITY] },
      { bs: [true, 1, 'x'] },
      { ss: new Array(2) },
      { ns: new Set([1, 2]) },
      { ns: { length: 1, 0: 1 } },
    ],
  ),
  of('a list of lists of scalars', 'query ($m: [[Int]]!) { matrix(m: $m) }', { m: [[1, null], null, [2]] }),
  of('an unknown type of a list', 'query ($m: [Unknown!]) { matrix(m: $m) }', { m: ['a'] }),
  ...each('null for a required input field', 'query ($n: Int) { point(p: { x: $n }) int(n: 1) }', [
    {},
    { n: null },
    { n: 1 },
  ]),
  ...each('input objects', 'query ($p: Point) { point(p: $p) pointRequired(p: $p) }', [
    {},
    { p: null },
    { p: { x: 1 } },
    { p: { x: 1, y: null, tags: 'one' } },
    { p: {} },
    { p: { x: 1, nope: 2 } },
    { p: 5 },
    { p: { x: 1, next: { x: 2, next: { y: 1 } } } },
  ]),
  ...each('enums', 'query ($c: Color, $cs: [Color!]) { colors(c: $c, cs: $cs) }', [
    {},
    { c: 'RED', cs: 'GREEN' },
    { c: 'PINK' },
    { c: 3 },
    { cs: [null] },
    { cs: ['RED', 'BLUE'] },
  ]),
  ...each('custom scalars', 'query ($o: Odd, $os: [Odd]) { odd(o: $o, os: $os) }', [
    {},
    { o: 3 },
    { o: 4 },
    { o: { a: [1] }, os: [1, null, 'x'] },
    { os: [1, 2] },
    { o: null },
  ]),
  ...each('scalars', 'query ($f: Float, $id: ID, $s: String, $b: Boolean) { floats(f: $f, id: $id, s: $s, b: $b) }', [
    { f: 1, id: 3, s: 'x', b: false },
    { f: '1' },
    { id: 1.5 },
    { s: 5 },
    { b: 'true' },
    { f: Number.NaN },
  ]),
  ...each('@oneOf', 'query ($c: Choice) { choice(c: $c) }', [
    { c: { a: 1 } },
    { c: { b: 'x' } },
    { c: {} },
    { c: { a: 1, b: 'x' } },
    { c: { a: null } },
  ]),
  ...each('@oneOf in lists and objects', 'query ($cs: [Choice!], $h: Holder) { choices(cs: $cs, h: $h) }', [
    { cs: [{ a: 1 }, {}] },
    { cs: { a: 1, b: 'x' } },
    { cs: [{ c: { c: { a: 1, b: 'x' } } }] },
    { cs: [{ l: [{ a: 1 }, { a: null }] }] },
    { h: { c: {} } },
    { h: { c: { a: 1 }, cs: [null, { a: 1, nope: 2 }] } },
    { h: { c: { a: 'x' } } },
    { h: { c: { a: undefined, b: 'x' } } },
  ]),
  ...['{}', '{ a: 1, b: "x" }', '{ a: null }', '{ a: null, b: "x" }', '{ nope: 1 }', '{ a: 1, nope: 2 }', '{ a: "x" }']
    .flatMap((literal) => [
      `{ choice(c: ${literal}) }`,
      `{ choices(cs: [{ a: 1 }, ${literal}]) }`,
      `{ choices(h: { c: { l: [${literal}] } }) }`,
      `query ($c: Choice = ${literal}) { choice(c: $c) }`,
    ])
    .map((operation) => of(`@oneOf, ${operation}`, operation)),
  ...[
    'query ($a: Int) { choice(c: { a: $a }) }',
    'query ($a: Int) { choice(c: { a: $a, b: "x" }) }',
    'query ($a: Int) { choice(c: { c: { a: $a } }) }',
    'query ($a: Int) { choices(cs: [{ b: "x", a: $a }], h: { c: { l: [{ a: $a }] } }) }',
  ].flatMap((operation) => each(`@oneOf, ${operation}`, operation, [{}, { a: null }, { a: 1 }])),
  ...each('@oneOf with a variable in it', 'query ($a: Int!) { choice(c: { a: $a }) }', [{ a: 1 }, {}]),
  ...each('many mistakes', 'query ($a: Int!, $b: Color!, $p: Point!) { int(n: $a) colors(c: $b) point(p: $p) }', [
    {},
    { a: 'x', b: 'x', p: 'x' },
  ]),
  ...each('unused and unknown variables', 'query ($n: Int) { int(n: 1) }', [{ n: 1, other: 2, toString: 3 }]),
  of('a variable of a type that is not there', 'query ($x: Nope) { int(n: 1) }', { x: 1 }),
  of('a variable that is not declared', '{ int(n: $nope) defaulted(n: $nope) }'),
  of(
    'two operations that differ in their defaults',
    'query A($n: Int = 1) { int(n: $n) } query B($n: Int = 2) { int(n: $n) }',
    {},
    { args: { operationName: 'B' } },
  ),
]);

const operations = (name: string, operation: string, operationName?: string | null): Case =>
  of(name, operation, {}, { args: operationName === undefined ? {} : { operationName } });

addCases(inputs, [
  operations('two operations without a name', '{ int } query B { int }'),
  operations('an operation that is not there', 'query A { int }', 'Nope'),
  operations('the named one', 'query A { int } query B { required(n: 2) }', 'B'),
  operations('an empty name is no name', 'query A { int } query B { int }', ''),
  operations('a null name', 'query A { int }', null),
  operations('no operation at all', 'fragment F on Query { int }'),
  operations('a mutation without a mutation type', 'mutation { int }'),
  operations('a subscription without a subscription type', 'subscription { int }'),
  operations(
    'names of properties of objects',
    'query constructor { int } query toString { required(n: 1) }',
    'toString',
  ),
]);

inputs.run();
