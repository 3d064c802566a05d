import { suite } from 'uvu';
import { incrementalTest, schemasOf } from './incrementalRoads.ts';
import { later } from './schemaOf.ts';

/** Several ways lead to one deferred spread. `required` fails, so that an error shows how often the spread is followed. */
const schemas = schemasOf(
  /* GraphQL */ `
    type Query { hero: Hero heroes: [Hero] animals: [Animal] }
    interface Animal { name: String slowName: String required: String! best: Animal }
    type Hero implements Animal { id: ID name: String slowName: String required: String! best: Hero }
    type Dog implements Animal { id: ID name: String slowName: String required: String! best: Hero }
  `,
  {
    Query: {
      fields: {
        hero: () => ({ id: '1', name: 'one' }),
        heroes: () => [{ id: '1', name: 'one' }, null, { id: '2', name: 'two' }],
        animals: () => [
          { __typename: 'Hero', id: '1', name: 'one' },
          { __typename: 'Dog', id: '2', name: 'two' },
        ],
      },
    },
    Animal: { resolveType: ({ __typename }) => __typename },
    ...Object.fromEntries(
      ['Hero', 'Dog'].map((type) => [
        type,
        {
          fields: {
            slowName: ({ name }) => later(`slow ${name}`, 2),
            required: ({ id }) => (id === '1' ? null : 'required'),
            best: () => ({ __typename: 'Hero', id: '1', name: 'best' }),
          },
        },
      ]),
    ),
  },
);

const inner = 'fragment Outer on Hero { ...Inner @defer(label: "inner") } fragment Inner on Hero { name required }';
const both = '($a: Boolean!, $b: Boolean!)';
const inner2 =
  'fragment Outer on Hero { ...Inner @defer(label: "inner", if: $b) } fragment Inner on Hero { name required }';

const operations: Readonly<Record<string, string>> = {
  'deferred, then not': `{ heroes { ...Outer @defer(label: "outer") ...Outer } } ${inner}`,
  'not deferred, then deferred': `{ heroes { ...Outer ...Outer @defer(label: "outer") } } ${inner}`,
  'deferred twice': `{ heroes { ...Outer @defer(label: "a") ...Outer @defer(label: "b") } } ${inner}`,
  'deferred twice, around other fields': `{ heroes { ... @defer(label: "a") { id ...Outer } ... @defer(label: "b") { slowName ...Outer } } } ${inner}`,
  'deferred, then not, with fields of its own': `{ heroes { ...Outer @defer(label: "outer") ...Outer } } fragment Outer on Hero { slowName ...Inner @defer(label: "inner") } fragment Inner on Hero { name required }`,
  'through another fragment': `{ heroes { ...A @defer(label: "a") ...B } } fragment A on Hero { ...Outer } fragment B on Hero { id ...Outer } ${inner}`,
  'three deep': `{ heroes { ...A @defer(label: "a") ...A ...Outer @defer(label: "o") } } fragment A on Hero { ...Outer @defer(label: "outer") } ${inner}`,
  'inline fragments are told apart':
    '{ heroes { ...Outer @defer(label: "outer") ...Outer } } fragment Outer on Hero { ... @defer(label: "inner") { name required } }',
  'a spread in an inline fragment':
    '{ heroes { ...Outer @defer(label: "outer") ...Outer } } fragment Outer on Hero { ... @defer(label: "inline") { id ...Inner } } fragment Inner on Hero { name required }',
  'below a field': `{ heroes { ...A @defer(label: "a") ...A } } fragment A on Hero { best { ...Outer } } ${inner}`,
  'below a field, deferred by two': `{ heroes { ... @defer(label: "a") { best { id ...Outer } } ... @defer(label: "b") { best { slowName ...Outer } } } } ${inner}`,
  'of an interface':
    '{ animals { ...Outer @defer(label: "outer") ...Outer } } fragment Outer on Animal { ...Inner @defer(label: "inner") } fragment Inner on Animal { name required }',
  'of branches':
    '{ animals { ...Outer @defer(label: "outer") ... on Dog { ...Outer } } } fragment Outer on Animal { ...Inner @defer(label: "inner") } fragment Inner on Animal { name required best { name } }',
  'the outer one by a variable': `query ${both} { heroes { ...Outer @defer(label: "outer", if: $a) ...Outer @include(if: $b) } } ${inner}`,
  'the outer one included by a variable': `query ${both} { heroes { ...Outer @defer(label: "outer") @include(if: $a) ...Outer @skip(if: $b) } } ${inner}`,
  'the inner one by a variable': `query ${both} { heroes { ...Outer @defer(label: "outer", if: $a) ...Outer } } ${inner2}`,
  'the inner one by a variable, deferred twice': `query ${both} { heroes { ...Outer @defer(label: "o1", if: $a) ...Outer @defer(label: "o2") } } ${inner2}`,
  'the inner one by a variable, included by another': `query ${both} { heroes { ...Outer @defer(label: "outer") @include(if: $a) ...Outer } } ${inner2}`,
  'not deferred where the first one is left out': `query ${both} { heroes { ...Outer @include(if: $a) ...Outer @defer(label: "outer", if: $b) } } ${inner}`,
};

const spreads = suite('deferred spreads to which several ways lead');
for (const [name, operation] of Object.entries(operations)) {
  const values = operation.startsWith('query') ? [true, false] : [true];
  for (const a of values) {
    for (const b of values) {
      const variables = operation.startsWith('query') ? { a, b } : {};
      const one = { name, rules: ['R18'], operation, variables };
      const title = operation.startsWith('query') ? `${name}, a ${a}, b ${b}` : name;
      spreads(`${title} [R18 2.2.4]`, incrementalTest(import.meta.url, schemas, one));
      spreads(
        `${title}, where errors leave null [R18 2.2.4]`,
        incrementalTest(import.meta.url, schemas, { ...one, onError: 'NULL' }),
      );
    }
  }
}

spreads.run();
