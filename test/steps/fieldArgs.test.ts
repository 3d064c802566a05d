import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, lambda, makeSchema } from '../../src/index.ts';
import { plain, runner } from './support.ts';

const test = suite('arguments, as plan resolvers see them');

// biome-ignore lint/suspicious/noExplicitAny: a test schema without a type map
type Args = any;
const json = ($step: Args): never => lambda($step, (value: unknown) => JSON.stringify(value) ?? 'undefined') as never;

const run = runner({
  typeDefs: `
    input Filter { name: String = "any" ages: [Int!] not: Filter }
    type Query {
      all(filter: Filter, first: Int! = 3): String part(filter: Filter): String list(filter: Filter): String
      type(filter: Filter): String unknown(filter: Filter): String deeper(filter: Filter): String
    }`,
  plans: {
    Query: {
      all: (_$root, args: Args) => json(args.all()),
      part: (_$root, args: Args) => json(args.at('filter', 'not', 'name')),
      list: (_$root, args: Args) => json(args.at('filter', 'ages', 1)),
      type: (_$root, args: Args) => json(lambda(args.$filter, () => String(args.typeAt('filter', 'ages', 0)))),
      unknown: (_$root, args: Args) => args.at('filtr'),
      deeper: (_$root, args: Args) => args.at('filter', 'nam'),
    },
  },
});

const filter = '{ ages: [1, 2], not: { } }';

test('all of them are what a resolver would get', () => {
  assert.equal(plain(run(`{ all(filter: ${filter}) }`)).data, {
    all: '{"filter":{"name":"any","ages":[1,2],"not":{"name":"any"}},"first":3}',
  });
  const variables = { filter: { name: 'x' }, first: 5 };
  assert.equal(
    plain(run('query ($filter: Filter, $first: Int!) { all(filter: $filter, first: $first) }', { variables })).data,
    {
      all: '{"filter":{"name":"x"},"first":5}',
    },
  );
});

test('one in another, with literals and with variables, with its defaults', () => {
  const asked = '{ part(filter: FILTER) list(filter: FILTER) type(filter: FILTER) }';
  const expected = { part: '"any"', list: '2', type: '"Int!"' };
  assert.equal(plain(run(asked.replaceAll('FILTER', filter))), { data: expected, errors: [] });
  const variables = { filter: { ages: [1, 2], not: {} } };
  assert.equal(plain(run(`query ($filter: Filter) ${asked.replaceAll('FILTER', '$filter')}`, { variables })), {
    data: expected,
    errors: [],
  });
});

test('names that there are not are mistakes that say which there are', () => {
  const { errors } = plain(run('{ unknown deeper }'));
  assert.match(errors[0] ?? '', /filtr.*filter/);
  assert.match(errors[1] ?? '', /nam.*name/);
});

test('conditions of several variables are shown as what they are', () => {
  const engine = createEngine({ schema: makeSchema({ typeDefs: 'type Query { a: Int b: Int }' }) });
  const document = parse(
    'query ($x: Boolean!, $y: Boolean!) { a @include(if: $x) @skip(if: $y) ... @include(if: $x) { b } ... @skip(if: $y) { b } }',
  );
  const text = engine.prepare(document).explain();
  assert.match(text, /not \$y and \$x/);
  assert.match(text, /\$x or \(not \$y and not \$x\)/);
});

test.run();
