/** Generated subgraphs: stored types with `@key`, found by id and by unique attributes, and asked for as a gateway asks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, versionInfo } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type Kvetch, memoryShards, type ShardStore } from 'planql/kvetch';
import { PentContext, type PentModel } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wrapStore } from '../kvetch/backends.ts';
import { problemsOf } from './problemsOf.ts';
import { TestProject } from './project.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a test looks into
type Any = any;

const test = suite('a generated subgraph');

const sdl = /* GraphQL */ `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.3"
      import: ["@key", "@shareable", "@external", "@provides", "@inaccessible", { name: "@tag", as: "@label" }]
    )
    @byDefault(access: "allow")

  interface Thing @key(fields: "id") { id: UUID! }
  type Product implements Thing @pent(typeId: 1) @key(fields: "id") @key(fields: "sku") @key(fields: "code shop") @label(name: "shop") {
    id: UUID!
    sku: String @unique @shareable
    code: Int @unique(name: "shop_code", with: ["shop"])
    shop: Shop!
    secret: String @inaccessible
    shout: String! @custom
    maker: Maker @custom @provides(fields: "name")
  }
  type Note implements Thing @pent(typeId: 2) @privacy(rule: "mine") @key(fields: "id") { id: UUID! text: String! }
  type Label @pent(typeId: 3) @key(fields: "word", resolvable: false) { id: UUID! word: String! }
  type Maker @key(fields: "id", resolvable: false) { id: ID! name: String @external }
  enum Shop { NORTH SOUTH }
  type Query {
    product(id: UUID!): Product @readPent
    productBySku(sku: String!): Product @pentFromIndex(index: "product_sku")
    productInShop(shop: Shop!, code: Int!): Product @pentFromIndex(index: "shop_code")
  }
`;

const project = new TestProject();
let kvetch: Kvetch;
let model: PentModel;
let engine: ReturnType<typeof createEngine>;
const ids: Record<string, string> = {};
const calls: string[] = [];
const told = (shard: ShardStore): ShardStore =>
  wrapStore(shard, (method, run) => {
    calls.push(`${shard.name} ${method}`);
    return run();
  });

test.before(async () => {
  project.write('schema/shop.graphql', sdl);
  project.generate();
  project.write(
    'pents/Product.ts',
    `import { ProductBase } from '../generated/pents.ts';
export class Product extends ProductBase {
  override shout(): string { return (this.sku ?? 'none').toUpperCase(); }
  override maker() { return { id: 'm1', name: 'Made by ' + this.sku }; }
}
`,
  );
  project.write(
    'pents/Note.ts',
    `import { allowIf, denyAll, allowAll, type Policy } from 'planql/pent';
import { NoteBase } from '../generated/pents.ts';
export class Note extends NoteBase {
  static override readonly privacy: Policy<Note> = { read: [allowIf('mine', (note, { viewer }) => note.text === viewer), denyAll], write: [allowAll] };
}
`,
  );
  kvetch = createKvetch({ schema: await project.kvetchSchema(), shards: memoryShards(2).map(told) });
  const made = await project.plans();
  model = made.model;
  engine = createEngine({ schema: made.schema });
  for (const [name, type, body] of [
    ['a', 'Product', { sku: 'a', code: 1, shop: 'NORTH' }],
    ['b', 'Product', { sku: 'b', code: 1, shop: 'SOUTH' }],
    ['bare', 'Product', { sku: null, code: null, shop: 'SOUTH' }],
    ['mine', 'Note', { text: 'me' }],
    ['yours', 'Note', { text: 'you' }],
  ] as const) {
    ids[name] = await kvetch.createObject(type, body as Any);
  }
});
test.after(() => project.remove());

async function entities(r: readonly object[], selection: string): Promise<Any> {
  const document = parse(`query ($r: [_Any!]!) { _entities(representations: $r) { __typename ${selection} } }`);
  const contextValue = new PentContext({ kvetch, model, viewer: 'me' } as Any);
  return JSON.parse(JSON.stringify(await engine.execute({ document, variableValues: { r }, contextValue })));
}

test('_service has the directives of federation, and none of Grapple', async () => {
  const { data }: Any = await engine.execute({ document: parse('{ _service { sdl } }') });
  const printed = readFileSync(join(project.folder, 'generated/schema.graphql'), 'utf8');
  assert.is(data._service.sdl, printed);
  assert.match(
    printed,
    'type Product implements Thing @key(fields: "id") @key(fields: "sku") @key(fields: "code shop") @label(name: "shop") {',
  );
  assert.match(printed, 'maker: Maker @provides(fields: "name")');
  assert.match(printed, /extend schema @link\(url: "https:\/\/specs.apollo.dev\/federation\/v2.3", import: /);
  assert.not.match(printed, /@pent|@unique|@custom|@byDefault|@privacy/);
});

const found = (title: string): string | undefined => ids[title];

test('representations are found by id and by unique attributes; hidden objects are as those that are not there', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  const r = [
    { __typename: 'Product', id: found('a') },
    { __typename: 'Product', sku: 'b' },
    { __typename: 'Product', code: 1, shop: 'SOUTH' },
    { __typename: 'Note', id: found('mine') },
    { __typename: 'Note', id: found('yours') },
    { __typename: 'Note', id: unknown },
    { __typename: 'Product', id: found('mine') },
    { __typename: 'Product', id: found('b')?.toUpperCase() },
    { __typename: 'Thing', id: found('bare') },
    { __typename: 'Thing', id: found('yours') },
    { __typename: 'Product', sku: 'none' },
    { __typename: 'Product', id: unknown, sku: null },
  ];
  const { data, errors } = await entities(r, '... on Product { sku shout } ... on Note { text }');
  const [none, a, b] = [null, ...['a', 'b'].map((sku) => ({ __typename: 'Product', sku, shout: sku.toUpperCase() }))];
  assert.is(errors, undefined);
  assert.equal(data._entities, [
    ...[a, b, b, { __typename: 'Note', text: 'me' }, none, none, none, b],
    ...[{ __typename: 'Product', sku: null, shout: 'NONE' }, none, none, none],
  ]);
});

test('malformed representations are null and an error in their place; the others are unharmed', async () => {
  const r = [
    { __typename: 'Product' },
    { __typename: 'Product', id: 7 },
    { __typename: 'Note', id: { in: [found('mine')] } },
    { __typename: 'Product', id: found('a') },
    { __typename: 'Note', id: 'x'.repeat(1_000_000) },
    { __typename: 'Product', sku: ['a'] },
    { __typename: 'Product', code: 1 },
    { __typename: 'Product', code: 1, shop: 'WEST' },
    { __typename: 'Product', sku: null },
    { __typename: 'Label', id: found('a'), word: 'w' },
    { __typename: 'Maker', id: 'm1' },
    { __typename: 'Thing', id: 'none' },
    { __typename: 'Note', id: found('mine') },
  ];
  const { data, errors } = await entities(r, '... on Product { sku } ... on Note { text }');
  assert.equal(
    data._entities.map((one: Any) => one?.sku ?? one?.text ?? null),
    [null, null, null, 'a', null, null, null, null, null, null, null, null, 'me'],
  );
  const told = errors.map(({ path, message }: Any) => [path[1], message.replace('A representation of ', '')]);
  assert.equal(
    told.map(([place]: Any) => place),
    [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11],
  );
  assert.is(told[0][1], 'Product has none of its keys "id" and "sku" and "code shop".');
  assert.is(told[1][1], 'Product has 7 as "id", which is no UUID!.');
  assert.match(told[2][1], /^Note has \{ in: \["/);
  assert.ok(JSON.stringify(errors).length < 3_000);
});

test('100 representations of each of two types are one call of each shard, and none for other keys', async () => {
  const made = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      kvetch.createObject(n % 2 === 0 ? 'Product' : 'Note', n % 2 === 0 ? { shop: 'NORTH' } : { text: 'me' }),
    ),
  );
  const r = made.map((id, n) => ({ __typename: n % 2 === 0 ? 'Product' : 'Note', id }));
  calls.length = 0;
  const { data, errors } = await entities(r, '... on Product { id } ... on Note { id }');
  assert.is(errors, undefined);
  assert.equal(
    data._entities.map(({ id }: Any) => id),
    r.map(({ id }) => id),
  );
  assert.equal([...calls].sort(), ['memory-0 readObjects', 'memory-1 readObjects']);
});

const HEAD =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])';
const QUERY = 'type Query { a(id: UUID!): A @readPent }';
for (const [title, lines, problems] of [
  [
    'a key by which no object is found',
    ['type A @pent(typeId: 1) @public @key(fields: "name") { id: UUID! name: String! }'],
    [
      '2:46 - A has @key(fields: "name"), by which no object is found. Write @key(fields: "id"), mark A.name @unique, or add resolvable: false.',
    ],
  ],
  [
    'a key of a field that is not there, and of part of an index',
    [
      'type A @pent(typeId: 1) @public @key(fields: "nme") @key(fields: "name code") {',
      'id: UUID! name: String! @unique code: Int }',
    ],
    [
      '2:46 - A has @key(fields: "nme"), and no field "nme". Did you mean "name"?',
      '2:66 - A has @key(fields: "name code"), by which no object is found. Write @key(fields: "id"), declare a @unique of these attributes, or add resolvable: false.',
    ],
  ],
  [
    'keys that are no names',
    [
      'type A @pent(typeId: 1) @public @key(fields: "id {") @key(fields: "b { id }") { id: UUID! b: A @genFromStoredId }',
    ],
    [
      '2:46 - A has @key(fields: "id {"), which is no list of fields without selections of their own. Write the id, or attributes of one @unique.',
      '2:67 - A has @key(fields: "b { id }"), which is no list of fields without selections of their own. Write the id, or attributes of one @unique.',
    ],
  ],
  [
    'unique attributes of some objects only, and objects behind ids',
    [
      'type A @pent(typeId: 1) @public @key(fields: "n") @key(fields: "b") {',
      'id: UUID! n: Int @unique(where: { m: 1 }) m: Int b: A @genFromStoredId @unique }',
    ],
    [
      '2:46 - A has @key(fields: "n"), by which no object is found. Write @key(fields: "id"), mark A.n @unique, or add resolvable: false.',
      '2:64 - A has @key(fields: "b"), by which no object is found. Write @key(fields: "id"), mark A.b @unique, or add resolvable: false.',
    ],
  ],
  [
    'an interface of types that are not stored',
    [
      'interface I @key(fields: "id") { id: UUID! }',
      'type A implements I @pent(typeId: 1) @public @key(fields: "id") { id: UUID! x: Int }',
      'type B implements I { id: UUID! }',
    ],
    [
      '2:26 - I has @key(fields: "id"), and B is not marked @pent: its objects are not found by a key. Add resolvable: false, or take @key away.',
    ],
  ],
  [
    'an interface by an attribute',
    [
      'interface I @key(fields: "x") { id: UUID! x: Int }',
      'type A implements I @pent(typeId: 1) @public @key(fields: "x") { id: UUID! x: Int @unique }',
    ],
    [
      '2:26 - I has @key(fields: "x"), by which no object is found. Write @key(fields: "id"), or add resolvable: false.',
    ],
  ],
  [
    'values of other subgraphs in stored objects',
    [
      'type A @pent(typeId: 1) @public @key(fields: "id") {',
      'id: UUID! price: Int @external cost: Int @requires(fields: "price") @custom }',
    ],
    [
      '3:22 - A.price has @external, but A is stored: its objects know no values of other subgraphs. Take it away, or write the type in a subgraph() of its own.',
      '3:42 - A.cost has @requires, but A is stored: its objects know no values of other subgraphs. Take it away, or write the type in a subgraph() of its own.',
    ],
  ],
  [
    'directives that are not imported',
    ['type A @pent(typeId: 1) @public @key(fields: "id") @shareable { id: UUID! x: Int }'],
    [
      '2:52 - Unknown directive "@shareable". Import it from federation: extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@shareable"]).',
    ],
  ],
  [
    'directives where they do not belong, and without arguments',
    ['type A @pent(typeId: 1) @public @key { id: UUID! @key(fields: "id") x: Int }'],
    versionInfo.major < 17
      ? [
          '2:33 - Directive "@key" argument "fields" of type "String!" is required, but it was not provided.',
          '2:50 - Directive "@key" may not be used on FIELD_DEFINITION. Take it away there.',
        ]
      : [
          '2:33 - Argument "@key(fields:)" of type "String!" is required, but it was not provided.',
          '2:50 - Directive "@key" may not be used on FIELD_DEFINITION. Take it away there.',
        ],
  ],
  [
    'a field that cannot be stored, whatever its directives of federation',
    ['type A @pent(typeId: 1) @public { id: UUID! b: B @external }', 'type B { c: Int }'],
    [
      '2:45 - A.b is B, which cannot be stored. Say where it comes from: @genFromStoredId, @edgeToStoredId, @edge, @custom or @customGen.',
      '2:50 - A.b has @external, but A is stored: its objects know no values of other subgraphs. Take it away, or write the type in a subgraph() of its own.',
    ],
  ],
] as const) {
  test(`refused: ${title}`, () => {
    assert.equal(problemsOf([HEAD, ...lines, QUERY].join('\n')), problems);
  });
}

test('without a link, the directives of federation are unknown', () => {
  const [problem] = problemsOf(
    'type A @pent(typeId: 1) @key(fields: "id") { id: UUID! x: Int }\ntype Query { a(id: UUID!): A @readPent }',
  );
  assert.match(
    problem ?? '',
    /^1:25 - Unknown directive "@key"\. Import it from federation: extend schema @link\(url: /,
  );
});

test.run();
