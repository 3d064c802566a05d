import { GraphQLObjectType } from 'graphql';
import { suite } from 'uvu';
import { constant, fn, get, lambda, loader, loadOne, makeSchema } from '../../src/index.ts';
import { type Case, casesOf } from './roads.ts';
import { later, laterThrow, schemaOf, type TypeBehaviour } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const typeDefs = /* GraphQL */ `
  interface Node { id: ID next: Node }
  interface Animal implements Node { id: ID next: Node name: String friend: Animal owner: Person }
  union Pet = Cat | Dog
  union Any = Cat | Dog | Person
  type Cat implements Node & Animal { id: ID next: Node name: String friend: Cat owner: Person! meows: Boolean }
  type Dog implements Node & Animal { id: ID next: Dog name: String! friend: Animal owner: Person barks: Boolean toys: [Any] }
  type Person implements Node { id: ID next: Node name: String pets: [Pet!] matrix: [[Any]] favourite: Pet }
  type Query { node: Node animal: Animal pet: Pet any: Any nodes: [Node] matrix: [[Any]] strict: [Animal!]! required: Any! person: Person int: Int }
`;

type Kind = Readonly<Record<string, TypeBehaviour>>;
const nameOf = (value: unknown): string | undefined => (value as { kind?: string } | null)?.kind;
const abstracts = ['Node', 'Animal', 'Pet', 'Any'];
const objects = ['Cat', 'Dog', 'Person'];
const kinds: Record<string, Kind> = {
  __typename: {},
  resolveType: Object.fromEntries(abstracts.map((name) => [name, { resolveType: nameOf }])),
  'late resolveType': Object.fromEntries(
    abstracts.map((name) => [name, { resolveType: (value: unknown) => later(nameOf(value), 2) }]),
  ),
  isTypeOf: Object.fromEntries(objects.map((name) => [name, { isTypeOf: (value: unknown) => nameOf(value) === name }])),
  'late isTypeOf': Object.fromEntries(
    objects.map((name) => [name, { isTypeOf: (value: unknown) => later(nameOf(value) === name, 2) }]),
  ),
  'half late isTypeOf': Object.fromEntries(
    objects.map((name) => [
      name,
      { isTypeOf: (value: unknown) => (name === 'Cat' ? later(nameOf(value) === name) : nameOf(value) === name) },
    ]),
  ),
};

const of = (kind: string, id: number, more: object = {}): Record<string, unknown> => ({
  __typename: kind,
  kind,
  id,
  name: `${kind} ${id}`,
  ...more,
});
const person = of('Person', 1, {
  pets: [of('Cat', 2, { meows: true }), of('Dog', 3, { barks: true, toys: [of('Cat', 4), null, of('Person', 5)] })],
  matrix: [[of('Cat', 6), null], null, [of('Dog', 7)]],
  favourite: of('Dog', 8, { barks: false }),
});
const cat = of('Cat', 9, { friend: of('Cat', 10), owner: person, next: person });
const dog = of('Dog', 11, { friend: cat, owner: null, next: of('Dog', 12) });
const root = {
  node: dog,
  animal: cat,
  pet: dog,
  any: person,
  nodes: [cat, null, dog, person, cat],
  matrix: [[cat, dog], null, [null, person], []],
  strict: [dog, cat],
  required: dog,
  person,
  int: 1,
};

const operations: Record<string, string> = {
  'all positions':
    '{ node { __typename id } animal { __typename name } pet { __typename } any { __typename } nodes { __typename id } matrix { __typename } }',
  'inline fragments':
    '{ nodes { id ... on Cat { meows name } ... on Dog { barks toys { ... on Node { id } } } ... on Person { pets { __typename ... on Dog { barks } } } } }',
  'fragments on other abstract types':
    '{ nodes { ... on Animal { name friend { id ... on Cat { meows } } } ...N } } fragment N on Node { next { __typename id } }',
  'list of lists of unions':
    '{ matrix { ... on Cat { id meows } ... on Dog { id next { id } } ... on Person { matrix { __typename ... on Cat { id } } } } }',
  'covariant fields': '{ nodes { ... on Animal { name friend { name friend { name } } owner { name } } } }',
  'fields of several types recombine':
    '{ nodes { next { id next { id next { id ... on Animal { friend { id } } } } } ... on Animal { owner { name pets { __typename } } } } }',
  'equal keys of different types':
    '{ nodes { ... on Cat { x: meows } ... on Dog { x: barks } ... on Person { y: favourite { __typename ... on Cat { z: name } ... on Dog { z: barks } } } } }',
  'null bubbles out of a branch': '{ strict { name owner { id } friend { owner { id } } } int }',
  'only typename of a branch': '{ nodes { ... on Dog { __typename } } }',
  'nothing applies': '{ pet { ... on Cat { meows } } animal { ... on Dog { barks } } }',
  'conditions in branches':
    'query ($yes: Boolean = true, $no: Boolean = false) { nodes { ... on Cat @include(if: $no) { meows } ... on Dog @include(if: $yes) { barks next @skip(if: $yes) { id } } id @skip(if: $no) } }',
  'a position that is reached twice':
    '{ node { ...F } n2: node { ...F next { ...F } } any { ...F } } fragment F on Node { id next { id ... on Dog { barks } } }',
};

const abstract = suite('interfaces and unions');

for (const [kind, behaviour] of Object.entries(kinds)) {
  const schema = schemaOf(typeDefs, behaviour);
  addCases(
    abstract,
    Object.entries(operations).map(
      ([name, operation]): Case => ({
        name: `${name}, by ${kind}`,
        rules: ['R7', 'R17'],
        schema,
        operation,
        rootValue: root,
      }),
    ),
  );
}

const answers: Record<string, unknown> = {
  'a name that is not there': 'Nope',
  'an interface': 'Animal',
  'a scalar': 'String',
  'an input type': 'In',
  'an object type that is not possible': 'Query',
  undefined: undefined,
  null: null,
  'a number': 5,
  'an object type': 'TYPE',
  'an error': new Error('no type'),
  'a late wrong name': 'LATE',
  'a rejection': 'REJECT',
  'a throw': 'THROW',
};
for (const [name, answer] of Object.entries(answers)) {
  const resolveType = (value: { id: number }): unknown => {
    if (value.id % 2 === 0) return 'Cat';
    if (answer === 'TYPE') return new GraphQLObjectType({ name: 'Cat', fields: {} });
    if (answer === 'LATE') return later('Nope');
    if (answer === 'REJECT') return laterThrow('rejected');
    if (answer === 'THROW') throw new Error('thrown');
    return answer;
  };
  const schema = schemaOf(
    `${typeDefs} input In { x: Int }`,
    Object.fromEntries(abstracts.map((type) => [type, { resolveType }])),
  );
  const values = {
    nodes: [of('Cat', 2), of('Cat', 3), of('Cat', 4, { next: of('Cat', 5) })],
    strict: [of('Cat', 2), of('Cat', 3)],
    matrix: [[of('Cat', 1)], [of('Cat', 2)]],
    required: of('Cat', 3),
    int: 1,
  };
  addCases(
    abstract,
    [
      '{ nodes { id next { id } } int }',
      '{ strict { id } int }',
      '{ matrix { ... on Cat { id } } int }',
      '{ required { __typename } int }',
    ].map(
      (operation): Case => ({
        name: `resolveType gives ${name}: ${operation}`,
        rules: ['R7', 'R17'],
        schema,
        operation,
        rootValue: values,
      }),
    ),
  );
}

const untyped = schemaOf(typeDefs);
const partly = schemaOf(typeDefs, {
  Cat: { isTypeOf: (value) => value.id === 2 },
  Dog: {
    isTypeOf: () => {
      throw new Error('isTypeOf');
    },
  },
});
addCases(abstract, [
  {
    name: 'no way to tell',
    rules: ['R17'],
    schema: untyped,
    operation: '{ nodes { id } int }',
    rootValue: { nodes: [{ id: 1 }, { id: 2, __typename: 'Cat' }, 5, 'text'], int: 1 },
  },
  {
    name: 'isTypeOf of no type agrees, or throws',
    rules: ['R17'],
    schema: partly,
    operation: '{ nodes { id } person { pets { ... on Cat { id } } } }',
    rootValue: { nodes: [{ id: 2 }, { id: 3 }], person: { pets: [{ id: 2 }] } },
  },
  {
    name: 'a type whose isTypeOf refuses',
    rules: ['R17'],
    schema: schemaOf(typeDefs, { Person: { isTypeOf: (value) => value.id !== 5 } }),
    operation: '{ person { id favourite { ... on Dog { owner { id } } } } int }',
    rootValue: { int: 1, person: of('Person', 1, { favourite: of('Dog', 2, { owner: of('Person', 5) }) }) },
  },
  {
    name: 'isTypeOf late, refusing at the root of a list',
    rules: ['R17'],
    schema: schemaOf(typeDefs, { Cat: { isTypeOf: (value) => later(value.id !== 3) } }),
    operation: '{ strict { ... on Cat { friend { id } } } }',
    rootValue: { strict: [of('Cat', 1, { friend: of('Cat', 2) }), of('Cat', 4, { friend: of('Cat', 3) })] },
  },
  {
    name: 'typeResolver of the request',
    rules: ['R17', 'R20'],
    schema: untyped,
    operation: '{ nodes { id ... on Cat { meows } } any { ... on Person { name } } }',
    rootValue: {
      nodes: [
        { id: 1, kind: 'Cat', meows: 1 },
        { id: 2, kind: 'Dog' },
      ],
      any: { kind: 'Person', name: 'x' },
    },
    args: { typeResolver: (value: unknown) => nameOf(value) },
  },
  {
    name: 'an interface that nothing implements',
    rules: ['R7'],
    schema: schemaOf('interface Ghost { id: ID } type Query { ghost: Ghost ghosts: [Ghost] none: Ghost }'),
    operation: '{ ghost { id } ghosts { id } none { id __typename } }',
    rootValue: { ghost: { id: 1, __typename: 'Query' }, ghosts: [null], none: null },
  },
  {
    name: '__typename that throws or is a promise',
    rules: ['R17'],
    schema: untyped,
    operation: '{ nodes { id } }',
    rootValue: {
      nodes: [
        {
          id: 1,
          get __typename() {
            throw new Error('getter');
          },
        },
        { id: 2, __typename: later('Cat') },
      ],
    },
  },
  {
    name: 'promises of abstract values',
    rules: ['R17'],
    schema: untyped,
    operation: '{ nodes { id next { id ... on Dog { barks } } } pet { ... on Dog { barks } } }',
    rootValue: {
      nodes: later([later(of('Cat', 1, { next: later(of('Dog', 2, { barks: later(true) })) })), later(null)]),
      pet: () => later(of('Dog', 3, { barks: () => later(1) })),
    },
  },
  {
    name: 'resolveType sees path and parent of each row',
    rules: ['R20'],
    schema: schemaOf(typeDefs, {
      Node: {
        resolveType: (value, _context, info) => {
          const keys = [];
          for (let at = info.path; at; at = at.prev) keys.unshift(`${at.key}:${at.typename}`);
          value.name = `${keys} ${info.parentType} ${info.returnType} ${info.fieldName}`;
          return value.kind;
        },
      },
    }),
    operation:
      '{ nodes { ... on Cat { name } next { ... on Person { name } ... on Cat { name } next { ... on Cat { name } } } } }',
    rootValue: {
      nodes: [
        of('Cat', 1, { next: of('Cat', 2, { next: of('Cat', 3) }) }),
        of('Person', 4, { next: of('Person', 5, { next: of('Cat', 6) }) }),
      ],
    },
  },
]);

// One source at two positions: what is wrong with its type is told at both, as graphql-js does.
const pets = 'type Query { first: Pet second: Pet } union Pet = Cat | Dog type Cat { id: ID } type Dog { id: ID }';
const plannedPet = fn('test.pet', () => ({ kind: 'Person' }));
const petKind = fn('test.petKind', (pet: { readonly kind: string } | null) => pet?.kind);
const petPlan = { plan: () => lambda(constant(null), plannedPet) };
addCases(abstract, [
  {
    name: 'errors of planned types are located where they are met',
    rules: ['R3', 'R17'],
    schema: makeSchema({
      typeDefs: pets,
      objects: { Query: { plans: { first: petPlan, second: petPlan } } },
      unions: { Pet: { planType: ($pet) => ({ $__typename: lambda($pet, petKind) }) } },
    }),
    reference: schemaOf(pets, { Pet: { resolveType: petKind } }),
    rootValue: { first: { kind: 'Person' }, second: { kind: 'Person' } },
    operation: '{ first { ... on Cat { id } } again: first { __typename } second { ... on Cat { id } } }',
  },
]);

// Objects that are one for all rows of a type: what is planned for them leaves the list, the rows of the type do not.
const owned = `type Query { pets: [Pet] } interface Pet { name: String friend: Pet }
  type Cat implements Pet { name: String friend: Pet } type Dog implements Pet { name: String friend: Pet }`;
const rowOfKind = loader({
  name: 'test.rowOfKind',
  load: (kinds: readonly string[]) =>
    kinds.map((kind) =>
      kind === 'none' ? null : { kind, name: `the ${kind}`, other: kind === 'Cat' ? 'Dog' : 'none' },
    ),
});
type RowOfKind = { readonly kind: string; readonly name: string; readonly other: string } | null;
const petKinds = ['Cat', 'Dog', 'Cat', 'none'].map((kind) => ({ kind }));
const friendOf = { friend: ($pet: never) => loadOne(get($pet, 'other'), rowOfKind) } as never;
const other = (kind: string): RowOfKind => (kind === 'Cat' ? rowNamed('Dog') : null);
const rowNamed = (kind: string): RowOfKind => ({ kind, name: `the ${kind}`, other: '' });
addCases(
  abstract,
  ['pets { friend { name } }', 'pets { name friend { __typename name friend { name } } }'].map(
    (selection): Case => ({
      name: `objects of types that are one for all rows: ${selection}`,
      rules: ['R2', 'R4', '2.5.3', '2.8.6'],
      schema: makeSchema({
        typeDefs: owned,
        objects: {
          Query: { plans: { pets: () => constant(petKinds) } },
          Cat: { plans: friendOf },
          Dog: { plans: friendOf },
        },
        interfaces: {
          Pet: {
            planType: ($pet: never) => ({
              $__typename: get($pet, 'kind') as never,
              planForType: ({ name }: { readonly name: string }) => loadOne(constant(name), rowOfKind) as never,
            }),
          },
        },
      } as never),
      reference: schemaOf(owned, {
        Query: { fields: { pets: () => petKinds } },
        Pet: { resolveType: petKind as never },
        ...Object.fromEntries(
          ['Cat', 'Dog'].map((kind) => [kind, { fields: { name: () => `the ${kind}`, friend: () => other(kind) } }]),
        ),
      } as never),
      operation: `{ ${selection} }`,
    }),
  ),
);

/**
 * An error as @pothos/plugin-errors hands it on: it is no `Error` until its type was asked for. graphql-js looks for errors
 * once, before that.
 */
function typedError(kind: string, more: object = {}): object {
  let isHidden = true;
  return new Proxy(Object.assign(new Error(`${kind}!`), { kind, ...more }), {
    get(error, key) {
      if (key === 'show') isHidden = false;
      return Reflect.get(error, key);
    },
    getPrototypeOf: () => (isHidden ? Object.prototype : Error.prototype),
  });
}
const shown = (value: object): string | undefined => {
  Reflect.get(value, 'show');
  return nameOf(value);
};
const typedErrors = {
  node: () => typedError('Cat', { id: 1, next: typedError('Dog', { id: 2 }) }),
  pet: () => later(typedError('Dog', { name: 'late' })),
  nodes: () => [
    of('Person', 3, { pets: [typedError('Cat', { name: 'inner' }), typedError('Dog')] }),
    typedError('Cat', { id: 4, friend: typedError('Cat', { id: 5 }) }),
    new Error('real'),
    later(typedError('Dog', { id: 6, barks: later(true) })),
    null,
  ],
  matrix: () => [
    [typedError('Person', { id: 7, favourite: typedError('Dog', { name: 'favourite' }) }), new Error('no')],
  ],
  required: () => typedError('Person', { id: 8 }),
  strict: () => [typedError('Cat', { id: 9, owner: typedError('Person', { id: 10 }) })],
  person: () => typedError('Person', { id: 11, pets: later([later(typedError('Cat', { id: 12 }))]) }),
};
const unveiling: Record<string, Kind> = {
  resolveType: Object.fromEntries(abstracts.map((name) => [name, { resolveType: shown }])),
  'late resolveType': Object.fromEntries(
    abstracts.map((name) => [name, { resolveType: (value: object) => later(shown(value), 2) }]),
  ),
  isTypeOf: Object.fromEntries(objects.map((name) => [name, { isTypeOf: (value: object) => shown(value) === name }])),
  'late isTypeOf': Object.fromEntries(
    objects.map((name) => [name, { isTypeOf: (value: object) => later(shown(value) === name, 2) }]),
  ),
  both: Object.fromEntries([
    ...abstracts.map((name) => [name, { resolveType: shown }]),
    ...objects.map((name) => [name, { isTypeOf: (value: object) => shown(value) === name }]),
  ]),
};
addCases(
  abstract,
  Object.entries(unveiling).map(
    ([how, behaviour]): Case => ({
      name: `values that are errors once their type was asked for: ${how}`,
      rules: ['R17', '4.12.13'],
      schema: schemaOf(typeDefs, behaviour),
      makeRoot: () => typedErrors,
      operation: `{
        node { __typename id next { id ... on Dog { name } } }
        pet { ... on Dog { name } }
        nodes { __typename id ... on Cat { friend { id } } ... on Dog { barks } ... on Person { pets { ... on Cat { name } ... on Dog { name } } } }
        matrix { ... on Person { id favourite { ... on Dog { name } } } }
        required { ... on Person { id } }
        strict { id owner { id } ... on Cat { name } }
        person { id pets { ... on Cat { id } } }
      }`,
    }),
  ),
);

abstract.run();
