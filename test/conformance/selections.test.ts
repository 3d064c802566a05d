import { suite } from 'uvu';
import { type Case, casesOf } from './roads.ts';
import { schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const schema = schemaOf(/* GraphQL */ `
  type Query { user: User users: [User] a: Int b: Int c: Int node: Node id(x: Int): ID }
  interface Node { id: ID }
  type User implements Node { id: ID name: String bio: String friend: User friends: [User] }
  type Group implements Node { id: ID title: String owner: User }
`);

const ann = { __typename: 'User', id: 1, name: 'Ann', bio: 'a', friend: { id: 2, name: 'Bob', friend: null } };
const rootValue = { user: ann, users: [ann, { id: 3, name: 'Cy' }], a: 1, b: 2, c: 3, node: ann };

const of = (name: string, operation: string, more: Partial<Case> = {}): Case => ({
  name,
  rules: ['R17'],
  schema,
  operation,
  rootValue,
  ...more,
});

const selections = suite('selections');

addCases(selections, [
  of('key order is that of the operation', '{ c a b user { name id } }', {
    expected: { data: { c: 3, a: 1, b: 2, user: { name: 'Ann', id: '1' } } },
  }),
  of('aliases', '{ x: a a x2: a u1: user { n: name } u2: user { id } }'),
  of('duplicate selections merge once', '{ a a a user { id } user { id name } }'),
  of(
    'overlapping fragments merge in order of first mention',
    '{ ...F c ...G a } fragment F on Query { b user { id } } fragment G on Query { a user { name friend { id } } }',
  ),
  of('nested inline fragments', '{ ... { ... on Query { b ... { a } } } c }'),
  of('a fragment spread twice', '{ user { ...F friend { ...F } ...F } } fragment F on User { id friend { name } }'),
  of(
    'fragments on interfaces over objects',
    '{ user { ...N ... on Node { id } } } fragment N on Node { ... on User { name } ... on Group { title } }',
  ),
  of(
    'fragments on an abstract position',
    '{ node { ...N ... on User { name } ... on Group { title owner { id } } __typename } } fragment N on Node { id }',
  ),
  of(
    'merged selections of lists',
    '{ users { id } users { name friend { id } } ...F } fragment F on Query { users { bio friend { name } } }',
  ),
  of(
    '__typename at every position',
    '{ __typename t: __typename user { __typename friend { __typename } } users { __typename } node { __typename } }',
  ),
  of(
    'same response key through fragments',
    '{ ...A ...B } fragment A on Query { k: user { id } } fragment B on Query { k: user { friend { id } } }',
  ),
  of('deep merging', '{ user { friend { friend { id } } } user { friend { friend { name } id } } }'),
  of('an alias that is another field', '{ a: b b: a user { name: bio bio: name } }'),
  of('unknown fields are left out, as graphql-js does', '{ a nope user { id nope2 } }'),
  of('a fragment that is not there is left out', '{ a ...Missing user { ...Gone id } }'),
  of('a fragment cycle that skipped validation', '{ user { ...F } } fragment F on User { id ...F friend { name } }'),
  of('a fragment on a type that is not there', '{ a ... on Nope { b } ...F } fragment F on Nope { c }'),
  of('only a conditional field', '{ a @skip(if: true) }'),
  of(
    'literal conditions',
    '{ a @include(if: false) b @skip(if: false) c @include(if: true) ... @include(if: false) { user { id } } ...F @skip(if: true) } fragment F on Query { node { id } }',
  ),
]);

selections.run();
