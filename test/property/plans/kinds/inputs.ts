import { applyInput, bakeInput, fn, lambda } from 'planql';
import type { InputObjectConfig } from '../../../../src/schema/SchemaConfig.ts';
import { type Kind, recipe } from '../Recipe.ts';
import { areEqual, int, text } from '../Shape.ts';

type Query = (readonly [string, unknown])[];

const newQuery = fn('plans.newQuery', (): Query => []);
const asText = fn('plans.queryText', (query: Query) => query.map((part) => part.join('=')).join(' and '));

/** The hooks of the inputs of every schema. */
export const inputObjects: Readonly<Record<string, InputObjectConfig>> = {
  Filter: {
    apply: {
      kind: (query: Query, value: unknown) => void query.push(['kind', value]),
      // What is inside goes to the same query.
      and: (query: Query) => query,
      max: (query: Query, value: unknown) => void query.push(['max', value]),
    },
  },
  Point: { baked: ({ x, y }: { x: number; y: number }) => x * 10 + y },
};

export const inputTypeDefs = `
input Filter { max: Int kind: String and: [Filter!] place: Point }
input Point { x: Int! y: Int! = 2 }`;

interface Filter {
  readonly max?: unknown;
  readonly kind?: unknown;
  readonly and?: readonly Filter[] | null;
  readonly place?: unknown;
}

/** The same as the hooks, in the order of the fields in the schema. */
function applied(filter: Filter | null | undefined): Query {
  if (filter === null || filter === undefined) return [];
  const own = (['max', 'kind'] as const).filter((name) => filter[name] !== undefined);
  return [...own.map((name) => [name, filter[name]] as const), ...(filter.and ?? []).flatMap(applied)];
}

export const inputs: Readonly<Record<string, Kind>> = {
  applyInput: {
    make: (_maker, shape, { argNames }) =>
      areEqual(shape, text) && argNames.includes('filter') ? recipe('applyInput') : null,
    plan: (_recipe, { fieldArgs }) => lambda(applyInput(fieldArgs, ['filter'], newQuery), asText),
    resolve: async (_recipe, { args }) => asText(applied(args.filter as Filter)),
  },

  bakeInput: {
    make: (_maker, shape, { argNames }) =>
      areEqual(shape, int) && argNames.includes('point') ? recipe('bakeInput') : null,
    plan: (_recipe, { fieldArgs }) => bakeInput(fieldArgs, ['point']),
    async resolve(_recipe, { args }) {
      const point = args.point as { x: number; y: number } | null | undefined;
      return point === null || point === undefined ? null : point.x * 10 + point.y;
    },
  },
};
