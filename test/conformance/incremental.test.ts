import { suite } from 'uvu';
import { type IncrementalCase, incrementalTest, schemasOf } from './incrementalRoads.ts';
import { later, laterThrow } from './schemaOf.ts';

const typeDefs = /* GraphQL */ `
  type Query { shelf: Shelf turn: Int hero: Hero heroes: [Hero] must: Hero! animals: [Animal] animal(kind: String): Animal pets: [Pet!]! none: Hero slow: String soon: String fails: String
    numbers: [Int] words: [String!] generated: [Int] generatedHeroes: [Hero] iterable: [Int] promises: [Int!] promised: [Int] throws: [Int] throwsLate: [Int!] throwsNull: [Int] throwsUndefined: [Int!] source: Source grid: [[Int]] badItems: [Int] mustItems: [Int!] noList: [Int] heroGrid: [[Hero]] failsAfter: [Int] failsAfterLate: [Int] }
  type Source { numbers: [Int] heroes: [Hero] failsFirst: [Int] failing: [Hero] failsSoon: [Int] failsLater: [Int] must: [Int!] throwsAtOnce: [Int] wontClose: [Int!] wontOpen: [Int] turn: Int }
  type Mutation { first(n: Int): Hero second(n: Int): Hero shelf: Shelf turn: Int }
  type Hero { id: ID! name: String slowName: String turnName: String friends: [Hero] best: Hero required: String! requiredLate: String! failing: String failingLate: String home: Home homes: [Home!] }
  type Home { id: ID! city: String slowCity: String must: String! owner: Hero }
  interface Animal { name: String slowName: String friend: Animal home: Home }
  type Dog implements Animal { name: String slowName: String friend: Animal home: Home barks: Boolean }
  type Cat implements Animal { name: String slowName: String friend: Animal home: Home meows: Boolean }
  union Pet = Dog | Cat
  interface Shelf { items: [Int] rows: [[Int]] homes: [Home] }
  type Box implements Shelf { items: [Int] rows: [[Int]] homes: [Home] }
`;

interface Hero {
  readonly id: string;
  readonly name: string | null;
}

const heroes: Hero[] = [1, 2, 3].map((id) => ({ id: `${id}`, name: `hero ${id}` }));
const home = (id: string): object => ({ id: `home ${id}`, city: `city ${id}`, must: id === '2' ? null : 'must' });
const animals = [
  { __typename: 'Dog', id: '1', name: 'Rex', barks: true },
  { __typename: 'Cat', id: '2', name: 'Tom', meows: false },
  { __typename: 'Dog', id: '3', name: 'Bo', barks: false },
];
const animal = {
  slowName: ({ name }: { name: string }) => later(`slow ${name}`, 3),
  friend: ({ id }: { id: string }) => animals[Number(id)],
  home: ({ id }: { id: string }) => home(id),
};

// biome-ignore lint/correctness/useYield: a list that ends before its first item
async function* failsAtOnce(): AsyncGenerator<never> {
  throw new Error('no first item');
}

async function* failsAfter(...items: readonly (number | null)[]): AsyncGenerator<number | null> {
  yield* items;
  throw new Error(`after ${items.length}`);
}

async function* leaves(...items: readonly (number | null)[]): AsyncGenerator<number | null> {
  yield* items;
}

/** An async iterable that is no generator: its methods may throw, where those of a generator reject. */
function iterableOf({ next, ...others }: Partial<AsyncIterator<unknown>>): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      if (next === undefined) throw new Error('it has no iterator');
      return { next, ...others };
    },
  };
}

async function* count(to: number): AsyncGenerator<number> {
  for (let n = 1; n <= to; n++) yield later(n, n);
}

const shelf = (): object => ({
  __typename: 'Box',
  get items() {
    return [1, 2, 3].values();
  },
  get rows() {
    return [[1, 2].values(), [3].values()];
  },
  get homes() {
    return [home('1'), home('3')].values();
  },
});
const turn = (): Promise<number> => new Promise((resolve) => setImmediate(() => resolve(1)));

const schemas = schemasOf(typeDefs, {
  Query: {
    fields: {
      shelf,
      turn,
      hero: () => heroes[0],
      heroes: () => heroes,
      must: () => heroes[1],
      animals: () => animals,
      animal: (_root, { kind }) => animals.find(({ __typename }) => __typename === (kind ?? 'Dog')),
      pets: () => later(animals, 2),
      none: () => null,
      slow: () => later('slow', 6),
      soon: () => later('soon', 1),
      fails: () => laterThrow('fails', 2),
      numbers: () => [1, 2, 3, 4],
      words: () => later(['a', 'b', 'c'], 2),
      generated: () => count(4),
      generatedHeroes: async function* () {
        for (const hero of heroes) yield later(hero, 2);
      },
      iterable: () => new Set([1, 2, 3]),
      failsAfter: function* () {
        yield* [1, 2, 3];
        throw new Error('after three');
      },
      failsAfterLate: async function* () {
        yield* [1, 2, 3];
        throw new Error('after three');
      },
      promises: () => [later(1), later(2, 4), 3],
      promised: () => later([1, later(2, 2), null], 3),
      throws: async function* () {
        yield 1;
        throw new Error('no more');
      },
      throwsNull: async function* () {
        yield 1;
        throw null;
      },
      throwsUndefined: async function* () {
        yield 1;
        throw undefined;
      },
      throwsLate: async function* () {
        yield 1;
        yield 2;
        await later(null, 5);
        throw new Error('no more, later');
      },
      grid: () => [[1, 2], [3], null, []],
      heroGrid: () => [heroes, [heroes[0], null]],
      badItems: () => [1, new Error('bad'), laterThrow('bad late'), 4],
      mustItems: () => [1, 2, null, 4],
      noList: () => 5,
      source: () => ({
        get numbers() {
          return count(3);
        },
        get heroes() {
          return [...heroes].values();
        },
        get failsFirst() {
          return failsAtOnce();
        },
        get failing() {
          return failsAtOnce();
        },
        get failsSoon() {
          return failsAfter(1);
        },
        get failsLater() {
          return failsAfter(1, 2, 3);
        },
        get must() {
          return leaves(1, null, 3);
        },
        get throwsAtOnce() {
          let n = 0;
          return iterableOf({
            next() {
              if (n === 2) throw new Error('it throws');
              return Promise.resolve({ value: n++, done: false });
            },
          });
        },
        get wontClose() {
          let n = 0;
          return iterableOf({
            next: async () => ({ value: n++ === 1 ? null : n, done: n > 5 }),
            return: () => Promise.reject(new Error('it does not close')),
          });
        },
        get wontOpen() {
          return iterableOf({});
        },
        turn,
      }),
    },
  },
  Mutation: { fields: { first: () => later(heroes[0], 3), second: () => heroes[1], shelf, turn } },
  Hero: {
    fields: {
      slowName: ({ name }: Hero) => later(`slow ${name}`, 3),
      turnName: ({ name }: Hero) => turn().then(() => `turn ${name}`),
      friends: ({ id }: Hero) => heroes.filter((hero) => hero.id !== id),
      best: ({ id }: Hero) => heroes[Number(id)],
      required: ({ id }: Hero) => (id === '2' ? null : 'required'),
      requiredLate: ({ id }: Hero) => later(id === '1' ? null : 'required', 3),
      failing: () => {
        throw new Error('failing');
      },
      failingLate: () => laterThrow('failing late', 3),
      home: ({ id }: Hero) => home(id),
      homes: ({ id }: Hero) => [home(id), home('2')],
    },
  },
  Home: {
    fields: {
      slowCity: ({ city }: { city: string }) => later(`slow ${city}`, 4),
      owner: () => later(heroes[2], 2),
    },
  },
  Animal: { resolveType: ({ __typename }) => __typename },
  Pet: { resolveType: ({ __typename }) => later(__typename) },
  Dog: { fields: animal },
  Cat: { fields: animal },
});

const variants: Record<string, string | readonly [operation: string, variables: Record<string, unknown>]> = {
  // @defer
  'at the root': '{ soon ... @defer { slow } }',
  'a spread with a label': '{ hero { id ...Slow @defer(label: "slow") } } fragment Slow on Hero { slowName }',
  'all that there is': '{ ... @defer { hero { id name } } }',
  'only what is there at once': '{ hero { id ... @defer { name } } }',
  'switched off': '{ hero { id ... @defer(if: false) { slowName } } }',
  'switched on by a variable': ['query ($on: Boolean!) { hero { id ... @defer(if: $on) { slowName } } }', { on: true }],
  'switched off by a variable': [
    'query ($on: Boolean!) { hero { id ... @defer(if: $on) { slowName } } }',
    { on: false },
  ],
  'a variable that is not given': ['query ($on: Boolean) { hero { id ... @defer(if: $on) { slowName } } }', {}],
  'with @include': [
    'query ($on: Boolean!) { hero { ... @defer @include(if: $on) { id } ... @defer @skip(if: $on) { name } slowName } }',
    { on: true },
  ],
  'two at one place': '{ hero { ... @defer(label: "a") { name } ... @defer(label: "b") { slowName } } }',
  'two that overlap': '{ hero { ... @defer(label: "a") { id name } ... @defer(label: "b") { id slowName } } }',
  nested: '{ hero { id ... @defer(label: "a") { name ... @defer(label: "b") { slowName } } } }',
  'nested, the outer one off': [
    'query ($on: Boolean!) { hero { id ... @defer(label: "a", if: $on) { name ... @defer(label: "b") { slowName } } } }',
    { on: false },
  ],
  'nested, the outer one empty': '{ hero { id ... @defer(label: "a") { ... @defer(label: "b") { slowName } } } }',
  'nested in another object':
    '{ hero { id ... @defer(label: "a") { best { id ... @defer(label: "b") { slowName } } } } }',
  'merged with what is there': '{ hero { id best { name } ... @defer { id best { slowName } } } }',
  'merged at several levels':
    '{ ... @defer(label: "root") { hero { slowName best { name } } } hero { name ... @defer(label: "hero") { best { slowName home { city } } } } }',
  'nothing new is never pending': '{ hero { id name ... @defer { name id } } }',
  'the same fragment twice':
    '{ hero { ...F @defer(label: "a") best { ...F @defer(label: "b") } } } fragment F on Hero { id slowName }',
  'deferred and not': '{ hero { ...F @defer ...F } } fragment F on Hero { id slowName }',
  'in a list': '{ heroes { id ... @defer { slowName } } }',
  'in lists of lists': '{ heroGrid { id ... @defer { slowName home { city } } } }',
  'a list in it': '{ hero { ... @defer { friends { id slowName home { slowCity } } } } }',
  'lists in lists': '{ heroes { id ... @defer { friends { id ... @defer { slowName } } } } }',
  'below null': '{ none { id ... @defer { slowName } } soon }',
  'a field that fails': '{ hero { id ... @defer { failing failingLate name } } }',
  'a required field that is null': '{ heroes { id ... @defer { required name } } }',
  'a required field that is null, late': '{ hero { id ... @defer { requiredLate } ... @defer { name } } }',
  'a failure takes what lies in it': '{ hero { id ... @defer { requiredLate ... @defer { slowName } } } }',
  'a failure of what is shared':
    '{ hero { id ... @defer(label: "a") { required: requiredLate name } ... @defer(label: "b") { required: requiredLate slowName } } }',
  'null in the initial response takes what lies in it': '{ heroes { id home { must ... @defer { slowCity } } } }',
  'null in a deferred fragment takes what lies in it':
    '{ heroes { ... @defer { home { must ... @defer { slowCity } } } } }',
  'the root becomes null': '{ must { required ... @defer { slowName } } }',
  'in an interface': '{ animals { name ... @defer { slowName } } }',
  'in branches':
    '{ animals { name ... on Dog @defer(label: "dog") { barks slowName } ... on Cat @defer(label: "cat") { meows } } }',
  'in a union': '{ pets { __typename ... on Animal @defer { slowName home { city } } } }',
  'an abstract field in it': '{ hero { id } ... @defer { animal { name friend { slowName ... on Cat { meows } } } } }',
  'abstract in abstract': '{ animals { ... @defer { friend { name ... @defer { home { slowCity } } } } home { id } } }',
  'merged in an interface':
    '{ animals { home { id } ... @defer { home { slowCity } friend { name } } ... on Dog { friend { slowName } } } }',
  'introspection in it': '{ soon ... @defer { __typename __type(name: "Hero") { name } } }',
  arguments: ['query ($kind: String) { soon ... @defer { animal(kind: $kind) { name } } }', { kind: 'Cat' }],
  'below a mutation': 'mutation { first { id ... @defer { slowName } } second { id ... @defer { best { name } } } }',
  // @stream
  'a list': '{ numbers @stream }',
  'with first items and a label': '{ numbers @stream(initialCount: 2, label: "n") soon }',
  'as many first items as there are': '{ numbers @stream(initialCount: 4) }',
  'more first items than there are': '{ numbers @stream(initialCount: 9) }',
  'stream: switched off': '{ numbers @stream(initialCount: 1, if: false) }',
  'stream: variables': [
    'query ($n: Int!, $on: Boolean!) { numbers @stream(initialCount: $n, if: $on) words @stream(if: $on) }',
    { n: 3, on: true },
  ],
  'stream: variables, off': [
    'query ($n: Int!, $on: Boolean!) { numbers @stream(initialCount: $n, if: $on) }',
    { n: 3, on: false },
  ],
  'a negative count': '{ numbers @stream(initialCount: -1) soon }',
  'a promise of a list': '{ words @stream(initialCount: 1) }',
  'an async generator': '{ generated @stream(initialCount: 1) }',
  'an async generator from its beginning': '{ generated @stream soon }',
  'an iterable': '{ iterable @stream(initialCount: 1) }',
  'an iterable that fails after its items': '{ failsAfter @stream(initialCount: 1) }',
  'an iterable that fails after its items, from its beginning': '{ failsAfter @stream soon }',
  'an iterable that fails among its first items': '{ failsAfter @stream(initialCount: 5) soon }',
  'an iterable that fails where its first items end': '{ failsAfter @stream(initialCount: 3) soon }',
  'an async iterable that fails after its items': '{ failsAfterLate @stream(initialCount: 2) }',
  'an async iterable that fails among its first items': '{ failsAfterLate @stream(initialCount: 5) soon }',
  promises: '{ promises @stream(initialCount: 1) promised @stream }',
  'no list': '{ noList @stream soon }',
  null: '{ none { friends @stream { id } } }',
  'items that fail': '{ badItems @stream(initialCount: 1) }',
  'a required item that is null': '{ mustItems @stream(initialCount: 1) soon }',
  'a generator that throws': '{ throws @stream(initialCount: 1) }',
  'a generator that throws among the first': '{ throws @stream(initialCount: 5) soon }',
  'a generator that throws late': '{ throwsLate @stream(initialCount: 1) }',
  'a generator that throws nothing': '{ throwsNull throwsUndefined a: throwsNull @stream b: throwsUndefined @stream }',
  objects: '{ heroes @stream(initialCount: 1) { id slowName } }',
  'generated objects': '{ generatedHeroes @stream(initialCount: 1) { id slowName best { name } } }',
  'required fields of items': '{ heroes @stream { id required } }',
  'late required fields of items': '{ heroes @stream { id requiredLate } }',
  'a list of lists': '{ grid @stream(initialCount: 1) heroGrid @stream { id slowName } }',
  'streams in streams': '{ heroes @stream(initialCount: 1) { id friends @stream(initialCount: 1) { slowName } } }',
  'streams in a list': '{ heroes { id friends @stream { slowName home { city } } } }',
  'streams in abstract types': '{ animals @stream(initialCount: 1) { name ... on Dog { barks } friend { slowName } } }',
  'null takes its stream': '{ heroes { homes @stream(initialCount: 2) { must owner { id } } } }',
  'one source, two streams':
    '{ a: generated @stream(initialCount: 1) b: generated @stream(initialCount: 3) c: generated }',
  'one source, streamed and not': '{ generated a: generated @stream(initialCount: 1) iterable b: iterable @stream }',
  'one generator in a value, streamed and not':
    '{ source { numbers a: numbers @stream(initialCount: 1) heroes { id } b: heroes @stream { name } } }',
  'lists that give their items once, deferred for another alias':
    '{ shelf { items rows homes { id } ...F @defer } turn } fragment F on Shelf { a: items b: rows c: homes { city } }',
  'lists that give their items once, streamed for another alias':
    '{ shelf { items a: items @stream(initialCount: 1) homes { id } b: homes @stream { city slowCity } rows c: rows @stream } turn }',
  'a source that fails before its first item, streamed and not':
    '{ source { failsFirst a: failsFirst @stream failing { id } b: failing @stream { id turnName } } }',
  'a source that fails after its first item, streamed and not':
    '{ source { failsSoon a: failsSoon @stream(initialCount: 1) } soon }',
  'a source that fails after its first item, streamed three times':
    '{ source { a: failsSoon @stream b: failsSoon @stream(initialCount: 1) c: failsSoon @stream(initialCount: 2) } soon }',
  'a source that fails after some items, read by all':
    '{ source { failsLater a: failsLater @stream b: failsLater @stream(initialCount: 1) c: failsLater @stream(initialCount: 3) d: failsLater @stream(initialCount: 4) } soon }',
  'a source that one reader leaves':
    '{ source { must a: must @stream(initialCount: 1) b: must @stream(initialCount: 2) c: must @stream } soon }',
  'a source that throws instead of rejecting, streamed and not':
    '{ source { throwsAtOnce a: throwsAtOnce @stream(initialCount: 1) b: throwsAtOnce @stream(initialCount: 2) } soon }',
  'a source that does not close, left by one reader':
    '{ source { wontClose a: wontClose @stream(initialCount: 1) b: wontClose @stream(initialCount: 4) } soon }',
  'a source that does not open': '{ source { wontOpen a: wontOpen @stream(initialCount: 1) turn } soon }',
  'a source that fails, deferred and not':
    '{ source { failsSoon turn ... @defer { a: failsSoon b: failsSoon @stream(initialCount: 1) c: failsSoon @stream d: failsSoon @stream(initialCount: 2) } } soon }',
  'a source that fails, in two deferred parts':
    '{ source { turn ... @defer { a: failsLater ... @defer { b: failsLater @stream(initialCount: 1) } } ... @defer { turn c: failsLater @stream(initialCount: 1) } } soon }',
  'a source that throws, does not close, or does not open, deferred':
    '{ source { throwsAtOnce wontClose wontOpen turn ... @defer { a: throwsAtOnce b: throwsAtOnce @stream c: wontClose d: wontClose @stream e: wontOpen f: wontOpen @stream } } soon }',
  'a source that all readers leave, deferred and not':
    '{ source { must a: must @stream(initialCount: 2) ... @defer { b: must c: must @stream(initialCount: 1) } } soon }',
  'a source that fails after its first items, and is read later': '{ throws @stream failsAfterLate @stream turn }',
  'items that are written while others wait':
    '{ a: heroes @stream { friends @stream { id } } b: heroes @stream { turnName } }',
  'lists that give their items once, in a mutation':
    'mutation { first { id } shelf { items rows @stream homes @stream { slowCity } } turn ...F @defer } fragment F on Mutation { a: shelf { items rows @stream } b: turn }',
  'lists that give their items once, for two fields of a mutation':
    'mutation { a: shelf { rows @stream items @stream(initialCount: 1) } turn b: shelf { rows @stream ... @defer { items } } }',
  'numbers in a mutation': 'mutation { first { friends @stream(initialCount: 1) { slowName } } second { id } }',
  // both
  'a stream in a deferred fragment': '{ hero { id ... @defer { friends @stream(initialCount: 1) { slowName } } } }',
  'a deferred fragment in a stream': '{ heroes @stream(initialCount: 1) { id ... @defer { slowName best { name } } } }',
  'deferred in streamed in deferred':
    '{ ... @defer { heroes @stream(initialCount: 1) { id friends @stream { id ... @defer { slowName } } } } }',
  'constants in deferred parts of streams':
    '{ heroes @stream(initialCount: 1) { id ... @defer { __typename home { __typename city } } } }',
  'a stream that two deferred fragments share':
    '{ hero { ...F @defer(label: "a") ...F @defer(label: "b") } } fragment F on Hero { id friends @stream(initialCount: 1) { name } }',
  'a stream whose items two deferred fragments select different fields of':
    '{ hero { ... @defer(label: "a") { friends @stream { id slowName } } ... @defer(label: "b") { friends @stream { id home { city ... @defer { slowCity } } } slowName } } }',
  'streams in a stream that two deferred fragments share':
    '{ ... @defer(label: "a") { heroes @stream { id ...F } } ... @defer(label: "b") { heroes @stream { name ...F } soon } } fragment F on Hero { friends @stream { slowName best { name } } }',
  'a failing stream in a failing fragment': '{ hero { ... @defer { requiredLate friends @stream { id } } } soon }',
};

const incremental = suite('incremental delivery');
for (const [name, given] of Object.entries(variants)) {
  const [operation, variables] = typeof given === 'string' ? [given, undefined] : given;
  const one: IncrementalCase = { name, rules: ['R18'], operation, ...(variables === undefined ? null : { variables }) };
  incremental(`${name} [R18]`, incrementalTest(import.meta.url, schemas, one));
  incremental(
    `${name}, where errors leave null [R18 4.12.6]`,
    incrementalTest(import.meta.url, schemas, { ...one, onError: 'NULL' }),
  );
}

incremental.run();
