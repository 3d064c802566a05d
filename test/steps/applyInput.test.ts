import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyInput, bakeInput } from '../../src/schema/steps/ApplyInputStep.ts';
import { plain, runner } from './support.ts';

const run = runner({
  typeDefs: `
    scalar Any
    enum Order { ASC DESC }
    input Filter { name: String and: [Filter!] order: Order ignored: Point }
    input Point { x: Int y: Int }
    type Query { clauses(filter: Filter): [String] point(at: Point): Any }
  `,
  plans: {
    Query: {
      clauses: (_$root, args) => applyInput(args, ['filter'], () => [] as string[]),
      point: (_$root, args) => bakeInput(args, ['at']),
    },
  },
  config: {
    inputObjects: {
      Filter: {
        apply: {
          name: (clauses: string[], name: string) => void clauses.push(`name=${name}`),
          and: (clauses: string[], list: unknown[]) => {
            clauses.push(`and ${list.length}`);
            return clauses;
          },
        },
      },
      Point: { baked: ({ x, y }: { x: number; y: number }) => `${x}/${y}` },
    },
    enums: { Order: { apply: { DESC: (clauses: string[]) => void clauses.push('desc') } } },
  },
});

const test = suite('applyInput');
const filter = { and: [{ name: 'b' }, { and: [{ name: 'c', order: 'DESC' }] }], name: 'a', order: 'DESC' };
const clauses = ['name=a', 'and 2', 'name=b', 'and 1', 'name=c', 'desc', 'desc'];

test('hooks run in order, however the input was given', () => {
  const literal =
    '{ clauses(filter: { and: [{ name: "b" }, { and: [{ name: "c", order: DESC }] }], name: "a", order: DESC }) }';
  assert.equal(plain(run(literal)).data, { clauses });
  assert.equal(plain(run('query ($f: Filter) { clauses(filter: $f) }', { variables: { f: filter } })).data, {
    clauses,
  });
  const partly = 'query ($a: [Filter!], $n: String) { clauses(filter: { and: $a, name: $n, order: DESC }) }';
  assert.equal(plain(run(partly, { variables: { a: filter.and, n: 'a' } })).data, { clauses });
  assert.equal(plain(run('{ clauses }')).data, { clauses: [] });
});

test('baked inputs', () => {
  assert.equal(plain(run('{ point(at: { x: 1, y: 2 }) none: point }')).data, { point: '1/2', none: null });
});

test.run();
