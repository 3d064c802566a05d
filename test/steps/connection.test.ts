import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connection, constant, get, lambda, loader, loadMany, type Pagination } from '../../steps/index.ts';
import type { LoadPage } from '../../steps/load/loader.ts';
import { plain, runner } from './support.ts';

const all = Array.from({ length: 7 }, (_, index) => ({ id: `${index}`, name: `n${index}` }));
type Item = (typeof all)[number];
let pages: (LoadPage | null)[] = [];
let attributes: unknown;
let counts = 0;

const listing = (name: string, pagination: Pagination<Item> | null, cut: (page: LoadPage) => readonly Item[]) =>
  loader<readonly Item[], string>({
    name: `test.connection.${name}`,
    load: (keys, info) => {
      pages.push(info.page);
      attributes = info.attributes;
      return keys.map(() => (info.page === null ? all : cut(info.page)));
    },
    ...(pagination === null ? null : { pagination: pagination as never }),
  });
const between = ({ after, before }: LoadPage): Item[] =>
  all.filter(({ id }) => (after === null || id > after) && (before === null || id < before));
const limited = (items: readonly Item[], { limit, offset }: LoadPage): readonly Item[] =>
  items.slice(offset, limit === null ? undefined : offset + limit);
const totalCount = (keys: readonly unknown[]): number[] => {
  counts++;
  return keys.map(() => 7);
};
const cursor = ({ id }: Item): string => id;

const loaders = {
  whole: listing('whole', null, () => all),
  limit: listing('limit', { totalCount }, (page) => limited(all, page)),
  offset: listing('offset', { offset: true }, (page) => limited(all, page)),
  cursor: listing('cursor', { cursor }, (page) => limited(between(page), page)),
  reverse: listing('reverse', { cursor, reverse: true }, (page) =>
    limited(page.reverse ? between(page).reverse() : between(page), page),
  ),
};

const others = listing('others', { totalCount }, () => [{ id: 'x', name: 'other' }]);

const args = '(first: Int, last: Int, before: String, after: String, offset: Int)';
const fields = [...Object.keys(loaders), 'array'];
const run = runner({
  typeDefs: `
    type Query { ${[...fields, 'other'].map((name) => `${name}${args}: Items`).join(' ')} nothing: Items }
    type Items { nodes: [Item] edges: [Edge] pageInfo: PageInfo totalCount: Int cursors: [String] end: String }
    type Edge { node: Item cursor: String }
    type Item { id: ID name: String }
    type PageInfo { hasNextPage: Boolean hasPreviousPage: Boolean startCursor: String endCursor: String }
  `,
  plans: {
    Query: {
      ...Object.fromEntries(
        Object.entries(loaders).map(([name, source]) => [
          name,
          (_$root: unknown, fieldArgs: object) => connection(loadMany(constant('k'), source), { fieldArgs }),
        ]),
      ),
      other: (_$root, fieldArgs: object) => connection(loadMany(constant('k'), others), { fieldArgs }),
      array: ($root, fieldArgs) => connection(get($root, 'all'), { fieldArgs }),
      nothing: ($root) => connection(get($root, 'none')),
    },
    Items: {
      cursors: ($items) => lambda(get($items, 'edges'), (edges: Answer['edges']) => edges.map((edge) => edge.cursor)),
      end: ($items) => lambda(get($items, 'pageInfo'), (pageInfo: Answer['pageInfo']) => pageInfo.endCursor),
    },
  },
});

interface Answer {
  readonly edges: { node: Item; cursor: string }[];
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}
const ask = (source: string): { data: Record<string, Answer>; errors: string[] } => {
  pages = [];
  counts = 0;
  return plain(run(source, { rootValue: { all } })) as never;
};

const test = suite('connection');

test('all sources give equal pages', () => {
  const expected: [args: (cursors: string[]) => string, page: string][] = [
    [() => 'first: 2', '01 next'],
    [() => 'last: 2', '56 previous'],
    [(c) => `first: 2, after: "${c[1]}"`, '23 next previous'],
    [(c) => `last: 2, before: "${c[5]}"`, '34 next previous'],
    [(c) => `first: 3, after: "${c[4]}"`, '56 previous'],
    [() => 'last: 9', '0123456'],
    [(c) => `first: 2, before: "${c[1]}"`, '0 next'],
    [(c) => `last: 1, after: "${c[2]}", before: "${c[5]}"`, '4 next previous'],
    [() => 'first: 2, offset: 3', '34 next previous'],
    [() => 'first: 0', ' next'],
    [() => 'first: 7', '0123456'],
  ];
  for (const name of fields) {
    const cursors = (ask(`{ c: ${name} { edges { cursor } } }`).data.c as Answer).edges.map((edge) => edge.cursor);
    for (const [of, page] of expected) {
      const { data } = ask(
        `{ c: ${name}(${of(cursors)}) { edges { node { id } cursor } pageInfo { hasNextPage hasPreviousPage startCursor } } }`,
      );
      const { edges, pageInfo } = data.c as Answer;
      const ids = edges.map(({ node }) => node.id).join('');
      const seen = `${ids}${pageInfo.hasNextPage ? ' next' : ''}${pageInfo.hasPreviousPage ? ' previous' : ''}`;
      assert.is(seen, page, `${name}(${of(cursors)})`);
      assert.equal(
        edges.map((edge) => edge.cursor),
        edges.map(({ node }) => cursors[Number(node.id)]),
      );
      assert.is(pageInfo.startCursor, edges[0]?.cursor ?? null);
    }
  }
});

test('two lists of one key with equal arguments are two connections [10.5.2]', () => {
  const { data } = ask(
    '{ limit(first: 1) { nodes { id } } reverse(first: 1) { edges { cursor } } other(first: 1) { nodes { id } } }',
  );
  assert.equal((data.other as unknown as { nodes: Item[] }).nodes, [{ id: 'x' }]);
  assert.equal((data.limit as unknown as { nodes: Item[] }).nodes, [{ id: '0' }]);
});

test('one row more is loaded only where somebody asks', () => {
  ask('{ limit(first: 2) { nodes { name } } }');
  assert.is(pages[0]?.limit, 2);
  assert.equal(attributes, ['name']);
  ask('{ limit(first: 2) { nodes { name } pageInfo { endCursor hasPreviousPage } } }');
  assert.is(pages[0]?.limit, 2);
  ask('{ limit(first: 2) { nodes { name } pageInfo { hasNextPage } } }');
  assert.is(pages[0]?.limit, 3);
  assert.is(pages.length, 1);
});

test('totalCount alone loads no rows', () => {
  assert.equal(ask('{ limit(first: 2) { totalCount } }').data, { limit: { totalCount: 7 } });
  assert.equal([pages.length, counts], [0, 1]);
  assert.equal(ask('{ whole(first: 2) { totalCount } array { totalCount } }').data, {
    whole: { totalCount: 7 },
    array: { totalCount: 7 },
  });
});

test('arguments that make no sense are field errors, and nothing is loaded', () => {
  const { data, errors } = ask(
    '{ a: limit(first: 1, last: 1) { nodes { id } } b: cursor(after: "?") { nodes { id } } c: offset(first: -1) { totalCount } }',
  );
  assert.equal(data, { a: null, b: null, c: null });
  assert.equal(errors, [
    'a: "first" and "last" cannot be combined.',
    'b: "after" is not a cursor of this connection.',
    'c: "first" must be a whole number that is not negative.',
  ]);
  assert.is(pages.length, 0);
});

test('different pages never share', () => {
  const { data } = ask(
    '{ a: offset(first: 1) { edges { node { id } } } b: offset(first: 3) { edges { node { id } } } }',
  );
  assert.equal([data.a?.edges.length, data.b?.edges.length], [1, 3]);
});

test('cursors are made when only one of two equal readers reads them', () => {
  const [, edge] = ask('{ cursor(first: 2) { edges { cursor } } }').data.cursor?.edges ?? [];
  for (const wanted of ['edges { node { id } } cursors', 'pageInfo { hasNextPage } end']) {
    const { data } = ask(`{ cursor(first: 2) { ${wanted} } }`);
    const { end, cursors } = data.cursor as { end?: string; cursors?: string[] };
    assert.is(end ?? cursors?.[1], edge?.cursor, wanted);
    assert.is(pages.length, 1);
  }
});

test('no list, no connection', () => {
  assert.equal(ask('{ nothing { nodes { id } } }').data, { nothing: null });
});

test.run();
