import { type GraphQLSchema, parse } from 'graphql';
import { createEngine } from '../../../src/engine/createEngine.ts';
import type { Engine } from '../../../src/engine/Engine.ts';
import type { EngineOptions } from '../../../src/engine/EngineOptions.ts';
import {
  at,
  constant,
  each,
  fn,
  get,
  lambda,
  list,
  listLength,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  registerSteps,
  Step,
} from '../../../src/index.ts';
import type { SchemaConfig } from '../../../src/schema/SchemaConfig.ts';
import { schemaOf, type TypeBehaviour } from '../schemaOf.ts';

/** A place that may see a promise first: what is asked there must not leave a rejection unhandled. */
export interface Place {
  readonly name: string;
  run(): Promise<unknown>;
}

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Rejects in the same turn of the event loop, before the next, or some turns later: each finds other gaps. */
const fails = {
  'a microtask': async (): Promise<never> => {
    await null;
    throw new Error('rejected');
  },
  'some turns': async (): Promise<never> => {
    await wait(3);
    throw new Error('rejected');
  },
} as const;

type Fail = () => Promise<never>;

async function slow(): Promise<number> {
  await wait(12);
  return 1;
}

/** Each road of planql for one request. graphql-js 17 throws where `@defer` would be ignored, and so does planql. */
async function travel(engine: Engine, args: Record<string, unknown>): Promise<void> {
  const given = args as never;
  const roads = [
    async () => engine.execute(given),
    async () => engine.executeToString(given),
    async () => engine.executeToBuffer(given),
    () => drain(engine.executeToChunks(given)),
    () => payloads(engine.executeIncrementally(given)),
  ];
  const ended = await Promise.allSettled(roads.map((road) => road()));
  for (const one of ended) if (one.status === 'rejected' && !/multiple payloads/.test(one.reason)) throw one.reason;
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function payloads(given: unknown): Promise<void> {
  const result = (await given) as { subsequentResults?: AsyncIterable<unknown> };
  if (result.subsequentResults !== undefined) await drain(result.subsequentResults);
}

interface Given {
  readonly typeDefs: string;
  readonly operation: string;
  readonly variables?: object;
  readonly args?: () => object;
  readonly behave: (fail: Fail) => Readonly<Record<string, TypeBehaviour>>;
}

/** A place of a schema of resolvers, on all roads, for each way of rejecting. */
function resolved(name: string, { typeDefs, operation, behave, args }: Given): Place[] {
  const directives =
    'directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT directive @stream(initialCount: Int! = 0, if: Boolean! = true, label: String) on FIELD\n';
  return Object.entries(fails).map(([when, fail]) => ({
    name: `${name}, rejected after ${when}`,
    async run() {
      const schema = schemaOf(directives + typeDefs, behave(fail));
      const document = parse(operation);
      const engine = createEngine({ schema, codegen: 'never' });
      const imported = createEngine({ schema });
      await travel(engine, { document, ...args?.() });
      imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
      await Promise.all([
        travel(engine, { document, ...args?.() }),
        travel(imported, { document, ...args?.() }),
        travel(createEngine({ schema, codegen: 'always' }), { document, ...args?.() }),
        ...(['NULL', 'HALT'] as const).map((onError) => travel(engine, { document, onError, ...args?.() })),
      ]);
    },
  }));
}

function planned(
  name: string,
  config: (fail: Fail) => SchemaConfig,
  operation: string,
  limits: EngineOptions['limits'] = {},
): Place[] {
  return Object.entries(fails).map(([when, fail]) => ({
    name: `${name}, rejected after ${when}`,
    async run() {
      const schema = makeSchema(config(fail));
      const document = parse(operation);
      await Promise.all([
        travel(createEngine({ schema, limits, codegen: 'never' }), { document }),
        travel(createEngine({ schema, limits, codegen: 'always' }), { document }),
      ]);
    },
  }));
}

const U = 'type U { n: Int must: Int! u: U us: [U] ns: [Int] slow: Int twice: Int }';
const withUs = (us: (fail: Fail) => unknown, selection = '{ us { n } slow }', type = '[U]'): Given => ({
  typeDefs: `type Query { us: ${type} slow: Int } ${U}`,
  operation: selection,
  behave: (fail) => ({ Query: { fields: { us: () => us(fail), slow } }, U: { fields: { twice: ({ n }) => n } } }),
});

const iterableBy = (iterate: () => Iterator<unknown>): Iterable<unknown> => ({ [Symbol.iterator]: iterate });

/** Objects of a list that is empty have a field whose load does not depend on them. */
const aheadOfEmpty =
  (row: (fail: Fail) => unknown): ((fail: Fail) => SchemaConfig) =>
  (fail) => {
    const rows = loader({ name: `test.load${names++}`, load: (keys) => keys.map(() => row(fail)) });
    return {
      typeDefs: 'type Query { none: [None] } type None { ns: [Int!] }',
      objects: {
        Query: { plans: { none: () => constant([]) } },
        None: { plans: { ns: () => loadMany(constant(1), rows as never) } },
      } as never,
    };
  };

/** A list that is no array. */
const iterable = (items: readonly unknown[]): Iterable<unknown> => ({
  *[Symbol.iterator]() {
    yield* items;
  },
});

async function* trickle(items: readonly (() => unknown)[]): AsyncGenerator<unknown> {
  for (const item of items) {
    yield item();
    await wait(4);
  }
}

/** An async iterator that hands out its items as they are, promises included. */
const handsOut = (items: readonly (() => unknown)[]): AsyncIterable<unknown> => ({
  [Symbol.asyncIterator]() {
    let index = 0;
    return {
      async next() {
        await wait(4);
        return index < items.length ? { value: items[index++]?.(), done: false } : { value: undefined, done: true };
      },
    } as AsyncIterator<unknown>;
  },
});

class AnswerStep extends Step {
  static override readonly op: string = 'test.answer';
  constructor(answer: () => unknown) {
    super();
    this.params = { answer: fn('test.answerOf', answer as never) as never };
  }
  override execute(): never {
    return (this.params as { answer: () => never }).answer();
  }
}
class SyncAnswerStep extends AnswerStep {
  static override readonly op = 'test.syncAnswer';
  override readonly isSync = true;
}
registerSteps(AnswerStep as never, SyncAnswerStep as never);

let names = 0;
const answering =
  (Class: typeof AnswerStep, answer: (fail: Fail) => unknown): ((fail: Fail) => SchemaConfig) =>
  (fail) => ({
    typeDefs: `type Query { a: Int slow: Int }`,
    objects: {
      Query: { plans: { a: () => new Class(() => answer(fail)), slow: () => lambda(list([]), slow) } },
    } as never,
  });

const loading =
  (load: (fail: Fail, keys: readonly unknown[]) => unknown, many = false): ((fail: Fail) => SchemaConfig) =>
  (fail) => {
    const byId = loader({
      name: `test.load${names++}`,
      load: ((keys: readonly unknown[]) => load(fail, keys)) as never,
    });
    return {
      typeDefs: `type Query { a: ${many ? '[U]' : 'U'} b: U slow: Int } type U { n: Int us: [U] }`,
      objects: {
        Query: {
          plans: {
            a: () => (many ? loadMany(one(), byId as never) : loadOne(one(), byId as never)),
            b: () => loadOne(two(), byId as never),
            slow: () => lambda(list([]), slow),
          },
        },
      } as never,
    };
  };
const one = (): Step =>
  lambda(
    list([]),
    fn('test.one', () => 1),
  ) as never;
const two = (): Step =>
  lambda(
    list([]),
    fn('test.two', () => 2),
  ) as never;

/** The first of three keys is asked for ahead of its turn, the others in it: `rest` answers these. */
const loadingAhead =
  (first: () => Promise<unknown>, rest: (fail: Fail) => unknown): ((fail: Fail) => SchemaConfig) =>
  (fail) => {
    const byId = loader({
      name: `test.load${names++}`,
      async load(ids: readonly number[]) {
        await wait(1);
        return ids.map((id) => ({ id }));
      },
      identity: 'id',
    });
    const load = (keys: readonly unknown[]): never => (keys.includes(1) ? first() : rest(fail)) as never;
    const numbers = loader({ name: `test.load${names++}`, load });
    return {
      typeDefs: 'type Query { us(ids: [Int!]! = [1, 2, 3]): [U] } type U { n: Int }',
      objects: {
        Query: { plans: { us: (_$root: Step, { $ids }: never) => each($ids, ($id) => loadOne($id, byId as never)) } },
        U: { plans: { n: ($u: Step) => loadOne(get($u, 'id' as never), numbers as never) } },
      } as never,
    };
  };
const inTime = async (): Promise<unknown> => {
  await wait(1);
  return [1];
};
const tooLate = async (): Promise<unknown> => {
  await wait(12);
  return [1];
};

/** Rows that are loaded ahead, below an object that comes later: their getters give the keys of other rows. */
const keyed = (next: (fail: Fail) => unknown): ((fail: Fail) => SchemaConfig) => {
  const load = (fail: Fail) => async (keys: readonly unknown[]) =>
    keys.map((key) => ({
      key,
      get next() {
        return next(fail);
      },
    }));
  return (fail) => {
    const byKey = loader({ name: `test.load${names++}`, load: load(fail) });
    const late = loader({ name: `test.load${names++}`, load: async () => [await slow()] });
    return {
      typeDefs: 'type Query { late: Late } type Late { a: U } type U { n: Int next: U nexts: [U] pair: U }',
      objects: {
        Query: { plans: { late: () => loadOne(constant(1), late as never) } },
        Late: { plans: { a: () => loadOne(constant(1), byKey as never) } },
        U: {
          plans: {
            next: ($u: Step) => loadOne(get($u, 'next' as never), byKey as never),
            nexts: ($u: Step) => each(get($u, 'next' as never), ($key: Step) => loadOne($key, byKey as never)),
            pair: ($u: Step) => loadOne([get($u, 'key' as never), get($u, 'next' as never)] as never, byKey as never),
          },
        },
      } as never,
    };
  };
};

/** An object that is loaded ahead, below one that comes later, or is null. */
const below = (late: unknown, row: (fail: Fail) => unknown, isList = false): ((fail: Fail) => SchemaConfig) => {
  const load = (fail: Fail) => async (keys: readonly unknown[]) => keys.map(() => row(fail));
  return (fail) => {
    const rows = loader({ name: `test.load${names++}`, load: load(fail) as never });
    const first = loader({ name: `test.load${names++}`, load: async () => [(await slow()) && late] });
    const $a = (): Step => (isList ? loadMany : loadOne)(constant(1), rows as never) as never;
    return {
      typeDefs: `type Query { late: Late } type Late { a: ${isList ? '[U]' : 'U'} } type U { n: Int ns: [Int] u: U us: [U] }`,
      objects: {
        Query: { plans: { late: () => loadOne(constant(1), first as never) } },
        Late: { plans: { a: $a } },
      } as never,
    };
  };
};

/** A list that gives its items once. */
function* generator(items: readonly unknown[]): Generator<unknown> {
  yield* items;
}

/** A list that throws where its last item is read. */
function throwingAfter(...items: readonly unknown[]): unknown[] {
  const out = [...items, null];
  const get = (): never => {
    throw new Error('read');
  };
  return Object.defineProperty(out, items.length, { get });
}

const dropping =
  (drop: ($list: Step) => Step, type = 'U'): ((fail: Fail) => SchemaConfig) =>
  (fail) => ({
    typeDefs: `type Query { a: ${type} slow: Int } type U { n: Int }`,
    objects: {
      Query: {
        plans: {
          a: () => drop(lambda(list([]), () => [{ n: 1 }, fail(), fail()]) as never),
          slow: () => lambda(list([]), slow),
        },
      },
    } as never,
  });

const abstractTypes = `interface N { n: Int } type A implements N { n: Int } type B implements N { n: Int m: Int } union AB = A | B
  type Query { a: N as: [N] u: AB slow: Int }`;

function aborted(name: string, us: (fail: Fail) => unknown): Place[] {
  return Object.entries(fails).map(([when, fail]) => ({
    name: `${name}, rejected after ${when}`,
    async run() {
      const { typeDefs, operation, behave } = withUs(() => us(fail), '{ us { n us { n } } slow }');
      const engine = createEngine({ schema: schemaOf(typeDefs, behave(fail)) });
      const controller = new AbortController();
      const going = travel(engine, { document: parse(operation), abortSignal: controller.signal });
      await wait(2);
      controller.abort();
      await going.catch(() => {});
      await wait(15);
    },
  }));
}

function subscriptionField(schema: GraphQLSchema): Record<string, unknown> {
  const fields = schema.getSubscriptionType()?.getFields() as unknown as { s: Record<string, unknown> };
  return fields.s;
}

function subscribed(name: string, source: (fail: Fail) => unknown, type = 'U', selection = '{ n }'): Place[] {
  return Object.entries(fails).map(([when, fail]) => ({
    name: `${name}, rejected after ${when}`,
    async run() {
      const typeDefs = `type Query { a: Int } type Subscription { s: ${type} slow: Int } ${U}`;
      const schema = schemaOf(typeDefs, { U: { fields: { slow } } });
      const s = subscriptionField(schema);
      s.subscribe = () => source(fail);
      s.resolve = (event: unknown) => event;
      const engine = createEngine({ schema });
      const document = parse(`subscription { s ${selection} }`);
      for (const abort of [false, true]) {
        const controller = new AbortController();
        const events = (await engine.subscribe({ document, abortSignal: controller.signal })) as AsyncGenerator;
        if (!(Symbol.asyncIterator in events)) continue;
        const reading = drain(events).catch(() => {});
        if (abort) {
          await wait(2);
          controller.abort(new Error('over'));
        }
        await reading;
      }
      await wait(15);
    },
  }));
}

export const places: readonly Place[] = [
  ...resolved(
    'items of a list of objects',
    withUs((fail) => [Promise.resolve({ n: 1 }), fail()]),
  ),
  ...resolved(
    'items of a list in a list',
    withUs((fail) => [[{ n: 1 }], [fail()]], '{ us { n } slow }', '[[U]]'),
  ),
  ...resolved(
    'items of a list in a promised list',
    withUs((fail) => [[{ n: 1 }], Promise.resolve([fail()]), wait(8)], '{ us { n } slow }', '[[U]]'),
  ),
  ...resolved(
    'items of a Set',
    withUs((fail) => new Set([fail(), { n: fail() }])),
  ),
  ...resolved(
    'items of a Set after the one that decides',
    withUs((fail) => new Set([null, fail(), { n: fail() }]), '{ us { n twice } }', '[U!]'),
  ),
  ...resolved(
    'items of Sets in a Set after the one that decides',
    withUs((fail) => new Set([new Set([null, fail()]), new Set([fail()])]), '{ us { n twice } }', '[[U!]!]'),
  ),
  ...resolved(
    'items of lists in a Set after the one that decides',
    withUs((fail) => new Set([[{ n: 1 }], [null], [fail(), { n: fail() }]]), '{ us { n twice } }', '[[U!]!]'),
  ),
  ...resolved(
    'items of another iterable',
    withUs((fail) => iterable([fail(), { n: fail() }])),
  ),
  ...resolved(
    'items of an iterator of an array after the one that decides',
    withUs((fail) => [1, null, fail(), [fail()]].values(), '{ us }', '[Int!]'),
  ),
  ...resolved(
    'items of an iterable with an iterator of a Map after the one that decides',
    withUs((fail) => iterableBy(() => new Map([null, fail(), fail()].entries()).values()), '{ us }', '[Int!]'),
  ),
  ...resolved(
    'items of an iterator that is streamed, after the one that decides',
    withUs((fail) => new Set([1, null, fail(), fail()]).values(), '{ us @stream(initialCount: 1) slow }', '[Int!]'),
  ),
  ...planned(
    'items of an iterable that is asked once for an empty list, after the one that decides',
    aheadOfEmpty((fail) => iterableBy(() => [null, fail()].values())),
    '{ none { ns } }',
  ),
  ...resolved(
    'items of leaf lists',
    withUs((fail) => [1, fail(), 2], '{ us slow }', '[Int]'),
  ),
  ...resolved(
    'items of leaf lists in leaf lists',
    withUs((fail) => [[1, fail()], new Set([fail()])], '{ us slow }', '[[Int]]'),
  ),
  ...resolved(
    'items of a Set of leaves',
    withUs((fail) => new Set([1, fail()]), '{ us slow }', '[Int]'),
  ),
  ...resolved(
    'items of another iterable of leaves',
    withUs((fail) => iterable([1, fail()]), '{ us slow }', '[Int]'),
  ),
  ...resolved(
    'properties of objects',
    withUs((fail) => ({ n: fail() }), '{ us { n } slow }', 'U'),
  ),
  ...resolved(
    'properties of objects in objects',
    withUs(
      (fail) => ({ u: { u: { n: fail(), ns: [fail()], us: [{ n: fail() }] } } }),
      '{ us { u { u { n ns us { n } } } } slow }',
      'U',
    ),
  ),
  ...resolved(
    'properties of objects in lists',
    withUs((fail) => [{ n: fail() }, { ns: [fail()] }], '{ us { n ns } slow }'),
  ),
  ...resolved(
    'properties of a class',
    withUs(
      (fail) =>
        new (class {
          n = fail();
        })(),
      '{ us { n } slow }',
      'U',
    ),
  ),
  ...resolved(
    'properties of promised objects',
    withUs(
      async (fail) => {
        await wait(1);
        return { n: fail() };
      },
      '{ us { n } slow }',
      'U',
    ),
  ),
  ...resolved(
    'properties of promised items beside later items',
    withUs((fail) => [Promise.resolve({ n: fail() }), wait(8)]),
  ),
  ...resolved('properties of rows of a field beside later rows', {
    typeDefs: `type Query { us: [U] } ${U}`,
    operation: '{ us { u { n } } }',
    behave: (fail) => ({
      Query: { fields: { us: () => [1, 2] } },
      U: {
        fields: {
          u: async (key) => {
            await wait(key * 6 - 5);
            return { n: key === 1 ? fail() : 1 };
          },
        },
      },
    }),
  }),
  ...resolved(
    'properties of promised properties',
    withUs((fail) => ({ u: Promise.resolve({ n: fail() }), us: wait(9) }), '{ us { u { n } us { n } } }', 'U'),
  ),
  ...resolved(
    'properties of what methods return',
    withUs((fail) => ({ u: async () => ({ n: fail() }), us: () => wait(9) }), '{ us { u { n } us { n } } }', 'U'),
  ),
  ...resolved('properties of lists of a field beside a later list', {
    typeDefs: `type Query { us: [U] } ${U}`,
    operation: '{ us { us { n slow } } }',
    behave: (fail) => ({
      Query: { fields: { us: () => [1, 2] } },
      U: {
        fields: {
          us: async (key) => {
            await wait(key * 6 - 5);
            return key === 1 ? [{ n: fail() }, fail()] : [];
          },
          slow: () => 1,
        },
      },
    }),
  }),
  ...resolved('lists in lists of a field beside a later list', {
    typeDefs: `type Query { rows: [Row] } type Row { grid: [[Row]] n: Int one: Int }`,
    operation: '{ rows { grid { n one } } }',
    behave: (fail) => ({
      Query: { fields: { rows: () => [1, 2] } },
      Row: {
        fields: {
          grid: async (key) => {
            await wait(key * 6 - 5);
            return key === 1 ? [[fail()], new Set([{ n: fail() }])] : [];
          },
          one: () => 1,
        },
      },
    }),
  }),
  ...resolved('lists in lists that come after the answer', {
    typeDefs: `type Query { q: Row bad: Int! } type Row { grid: [[Row]] n: Int one: Int }`,
    operation: '{ q { grid { n one } } bad }',
    behave: (fail) => ({
      Query: { fields: { q: () => 1, bad: () => null } },
      Row: {
        fields: {
          grid: async () => {
            await wait(6);
            return [[fail(), { n: fail() }]];
          },
          one: () => 1,
        },
      },
    }),
  }),
  ...resolved('what one type has for a field beside what another has', {
    typeDefs: `type Query { as: [N] slow: Int } interface N { rows: [[Row]] }
      type A implements N { rows: [[Row]] } type B implements N { rows: [[Row]] } type Row { n: Int one: Int }`,
    operation: '{ as { rows { n one } } }',
    behave: (fail) => ({
      Query: { fields: { as: () => [{ __typename: 'A' }, { __typename: 'B' }] } },
      A: { fields: { rows: () => [[fail(), { n: fail() }]] } },
      B: {
        fields: {
          rows: async () => {
            await wait(8);
            return [];
          },
        },
      },
      Row: { fields: { one: () => 1 } },
    }),
  }),
  ...resolved(
    'items of the sets that a getter gives anew',
    withUs(
      (fail) => ({
        n: wait(4),
        get us() {
          return new Set([{ n: fail() }, fail()]);
        },
        get ns() {
          return new Set([fail(), 1]);
        },
      }),
      '{ us { n us { n } ns } }',
      'U',
    ),
  ),
  ...resolved(
    'what bubbled up beside promises in a list',
    withUs((fail) => [1, null, fail(), fail()], '{ us }', '[Int!]'),
  ),
  ...resolved(
    'what bubbled up beside promises in a Set',
    withUs((fail) => new Set([1, null, fail()]), '{ us }', '[Int!]'),
  ),
  ...resolved(
    'what bubbled up beside promises in a list of objects',
    withUs((fail) => [null, fail(), { n: fail() }], '{ us { n } }', '[U!]'),
  ),
  ...resolved(
    'what bubbled up beside properties',
    withUs((fail) => ({ must: null, n: fail(), ns: [fail()] }), '{ us { must n ns } }', 'U'),
  ),
  ...resolved(
    'what bubbled up in an item beside items',
    withUs((fail) => [{ must: null, n: fail() }, { n: fail() }], '{ us { must n } }', '[U!]'),
  ),
  ...resolved('a resolver beside one that threw', {
    typeDefs: 'type Query { q: Q } type Q { a: Int! b: Int c: [Int] slow: Int }',
    operation: '{ q { a b c slow } }',
    behave: (fail) => ({
      Query: { fields: { q: () => 1 } },
      Q: {
        fields: {
          a: () => {
            throw new Error('a');
          },
          b: () => fail(),
          c: () => [fail()],
          slow,
        },
      },
    }),
  }),
  ...resolved('properties of what comes after a null bubbled up', {
    typeDefs: `type Query { q: Q } type Q { a: Int! u: U us: [U] } ${U}`,
    operation: '{ q { a u { n } us { n ns } } }',
    behave: (fail) => ({
      Query: { fields: { q: () => 1 } },
      Q: {
        fields: {
          a: () => null,
          u: async () => {
            await wait(5);
            return { n: fail() };
          },
          us: async () => {
            await wait(5);
            return [fail(), { n: fail(), ns: [fail()] }];
          },
        },
      },
    }),
  }),
  ...resolved(
    'items of an async iterable that goes on',
    withUs((fail) => trickle([() => ({ n: fail() }), () => ({ ns: [fail()] }), () => 1, () => 2]), '{ us { n ns } }'),
  ),
  ...resolved(
    'items that an async iterator hands out',
    withUs((fail) => handsOut([() => fail(), () => ({ n: fail() }), () => 1, () => 2]), '{ us { n } }'),
  ),
  ...resolved(
    'leaves that an async iterator hands out',
    withUs((fail) => handsOut([() => 1, () => fail(), () => 1, () => 2]), '{ us }', '[Int]'),
  ),
  ...resolved(
    'leaves of an async iterator after the null',
    withUs((fail) => handsOut([() => 1, () => fail(), () => null, () => fail(), () => 2]), '{ us }', '[Int!]'),
  ),
  ...resolved('properties below an interface', {
    typeDefs: abstractTypes,
    operation: '{ a { n } as { n ... on B { m } } u { ... on B { n m } } slow }',
    behave: (fail) => ({
      Query: {
        fields: {
          a: () => ({ __typename: 'A', n: fail() }),
          as: () => [{ __typename: 'B', n: fail(), m: fail() }, fail()],
          u: () => ({ __typename: 'B', n: fail(), m: fail() }),
          slow,
        },
      },
    }),
  }),
  ...resolved('resolveType', {
    typeDefs: abstractTypes,
    operation: '{ as { n } slow }',
    behave: (fail) => ({ N: { resolveType: fail }, Query: { fields: { as: () => [{ n: 1 }, { n: fail() }], slow } } }),
  }),
  ...resolved('resolveType of one row beside a later row', {
    typeDefs: abstractTypes,
    operation: '{ as { n } slow }',
    behave: (fail) => ({
      N: {
        resolveType: async (value) => {
          await wait(value.wait);
          return 'A';
        },
      },
      Query: {
        fields: {
          as: () => [
            { n: 1, wait: 1 },
            { n: fail(), wait: 8 },
          ],
          slow,
        },
      },
    }),
  }),
  ...resolved('isTypeOf', {
    typeDefs: abstractTypes,
    operation: '{ as { n } slow }',
    behave: (fail) => ({
      A: { isTypeOf: fail },
      B: { isTypeOf: () => true },
      Query: { fields: { as: () => [{ n: 1 }, { n: fail() }], slow } },
    }),
  }),
  ...resolved('isTypeOf of an object', {
    typeDefs: `type Query { us: [U] slow: Int } ${U}`,
    operation: '{ us { n } slow }',
    behave: (fail) => ({ U: { isTypeOf: fail }, Query: { fields: { us: () => [{ n: 1 }, { n: fail() }], slow } } }),
  }),
  ...resolved('what getters give while a message is written', {
    typeDefs: `type Query { us: [U] slow: Int } ${U}`,
    operation: '{ us { n } slow }',
    behave: (fail) => ({
      U: { isTypeOf: () => false },
      Query: {
        fields: {
          us: () => [
            {
              get n() {
                return fail();
              },
              get us() {
                return [[fail()], new Set([fail()])];
              },
              get ns() {
                return wait(1).then(() => [fail(), [fail()]]);
              },
            },
          ],
          slow,
        },
      },
    }),
  }),
  ...resolved('what getters give before one throws while a message is written', {
    typeDefs: `type Query { us: [U] slow: Int } ${U}`,
    operation: '{ us { n } slow }',
    behave: (fail) => ({
      U: { isTypeOf: () => false },
      Query: {
        fields: {
          us: () => [
            {
              get n() {
                return fail();
              },
              get us() {
                throw new Error('us');
              },
            },
          ],
          slow,
        },
      },
    }),
  }),
  ...resolved('serialize', {
    typeDefs: 'scalar S type Query { s: S ss: [S!] slow: Int }',
    operation: '{ s ss slow }',
    behave: (fail) => ({ S: { serialize: fail }, Query: { fields: { s: () => 1, ss: () => [1, null, 2], slow } } }),
  }),
  ...resolved(
    'deferred properties',
    withUs((fail) => ({ n: fail(), u: { ns: [fail()] } }), '{ us { must ... @defer { n u { ns } } } slow }', 'U'),
  ),
  ...resolved(
    'deferred properties of an object that was nulled',
    withUs((fail) => ({ must: null, n: fail() }), '{ us { must ... @defer { n } } }', 'U'),
  ),
  ...resolved(
    'streamed items',
    withUs((fail) => [1, { n: fail() }, fail(), fail()], '{ us @stream(initialCount: 1) { n } slow }'),
  ),
  ...resolved(
    'streamed leaves',
    withUs((fail) => [1, fail(), null, fail()], '{ us @stream(initialCount: 1) slow }', '[Int!]'),
  ),
  ...resolved(
    'streamed items of a Set',
    withUs((fail) => new Set([1, { n: fail() }, fail(), fail()]), '{ us @stream(initialCount: 1) { n } slow }'),
  ),
  ...resolved(
    'streamed items of an async iterator',
    withUs(
      (fail) => handsOut([() => 1, () => fail(), () => ({ n: fail() }), () => ({ us: [fail()] })]),
      '{ us @stream(initialCount: 1) { n us { n } } slow }',
    ),
  ),
  ...Object.entries(fails).map(([when, fail]) => ({
    name: `what is deferred or streamed when the consumer leaves, rejected after ${when}`,
    async run() {
      for (const operation of [
        '{ us @stream { n u { n } } }',
        '{ us { ... @defer { n u { n } } } }',
        '{ us @stream(initialCount: 1) { n u { n } } }',
      ]) {
        for (const us of [
          () => [{ u: { n: fail() } }, fail(), { n: fail() }],
          () => handsOut([() => ({ n: fail() }), () => fail(), () => fail()]),
          () => trickle([() => ({ n: fail() }), () => 1]),
        ]) {
          const engine = createEngine({
            schema: schemaOf(
              `directive @defer on INLINE_FRAGMENT directive @stream(initialCount: Int! = 0) on FIELD type Query { us: [U] } ${U}`,
              { Query: { fields: { us } } },
            ),
          });
          const result = (await engine.executeIncrementally({ document: parse(operation) })) as {
            subsequentResults?: AsyncGenerator;
          };
          const next = result.subsequentResults?.next();
          await wait(1);
          await result.subsequentResults?.return(undefined);
          await next;
        }
      }
      await wait(15);
    },
  })),
  ...resolved(
    'an iterator whose return() rejects',
    withUs(
      () => ({
        // With `NULL` errors nothing ends it before its time.
        [Symbol.asyncIterator]: (left = 50) => ({
          next: async () => ({ value: null, done: left-- === 0 }),
          return: () => Promise.reject(new Error('return')),
        }),
      }),
      '{ us { n } }',
      '[U!]',
    ),
  ),
  ...resolved('properties within a mutation field', {
    typeDefs: `type Query { a: Int } type Mutation { m: U l: [U] } ${U}`,
    operation: 'mutation { m { n u { n } ns us { n } } l { n } }',
    behave: (fail) => ({
      Mutation: { fields: { m: () => ({ n: fail(), ns: [fail()], us: [{ n: fail() }] }), l: () => [fail(), wait(8)] } },
      U: { fields: { u: () => wait(8) } },
    }),
  }),
  ...planned(
    'a list of the wrong length',
    answering(AnswerStep, (fail) => [fail(), fail()]),
    '{ a slow }',
  ),
  ...planned(
    'a promised list of the wrong length',
    answering(AnswerStep, async (fail) => [fail(), fail()]),
    '{ a slow }',
  ),
  ...planned(
    'a promise of a step that says isSync',
    answering(SyncAnswerStep, (fail) => fail()),
    '{ a slow }',
  ),
  ...planned(
    'a promise of a list of a step that says isSync',
    answering(SyncAnswerStep, async (fail) => [fail()]),
    '{ a slow }',
  ),
  ...planned(
    'an entry of a step',
    answering(AnswerStep, (fail) => [fail()]),
    '{ a slow }',
  ),
  ...planned(
    'an entry of a loader',
    loading((fail) => [fail()]),
    '{ a { n } slow }',
  ),
  ...planned(
    'a loader',
    loading((fail) => fail()),
    '{ a { n } slow }',
  ),
  ...planned(
    'entries of a loader of the wrong length',
    loading((fail) => [fail(), fail(), fail()]),
    '{ a { n } slow }',
  ),
  ...planned(
    'a property of a loaded object',
    loading((fail) => [{ n: fail() }]),
    '{ a { n } slow }',
  ),
  ...planned(
    'a property of a loaded object that comes before another',
    loading((fail, keys) =>
      keys.map(async (key) => {
        await wait(Number(key) * 5);
        return { n: fail() };
      }),
    ),
    '{ a { n } b { n } }',
  ),
  ...planned(
    'a property of a promised loaded object',
    loading(async (fail) => {
      await wait(1);
      return [{ n: fail(), us: [fail()] }];
    }),
    '{ a { n us { n } } slow }',
  ),
  ...planned(
    'items of a loaded list',
    loading((fail) => [[fail(), { n: fail() }]], true),
    '{ a { n } slow }',
  ),
  ...planned(
    'entries before one that throws, beside a key that was asked for ahead',
    loadingAhead(inTime, (fail) => throwingAfter(fail())),
    '{ us { n } }',
    { speculation: { maxKeys: 1 } },
  ),
  ...planned(
    'promised entries before one that throws, beside a key that was asked for ahead',
    loadingAhead(inTime, async (fail) => throwingAfter(fail())),
    '{ us { n } }',
    { speculation: { maxKeys: 1 } },
  ),
  ...planned(
    'entries beside a key that was asked for ahead and comes later',
    loadingAhead(tooLate, (fail) => [fail(), fail()]),
    '{ us { n } }',
    { speculation: { maxKeys: 1 } },
  ),
  ...planned(
    'keys that a getter gives',
    keyed((fail) => fail()),
    '{ late { a { next { n } } } }',
  ),
  ...planned(
    'parts of keys that a getter gives',
    keyed((fail) => fail()),
    '{ late { a { pair { n } } } }',
  ),
  ...planned(
    'keys in a list that a getter gives',
    keyed((fail) => [1, fail()]),
    '{ late { a { nexts { n } } } }',
  ),
  ...planned(
    'keys in a promised list that a getter gives',
    keyed(async (fail) => [1, fail()]),
    '{ late { a { nexts { n } } } }',
  ),
  ...planned(
    'keys in a Set that a getter gives',
    keyed((fail) => new Set([1, fail()])),
    '{ late { a { nexts { n } } } }',
  ),
  ...planned(
    'keys in a list that a getter gives, behind an item that throws',
    keyed((fail) => throwingAfter(fail(), fail())),
    '{ late { a { nexts { n } } } }',
  ),
  ...[{ id: 1 }, null].flatMap((late) => {
    const when = late === null ? 'is not needed' : 'waits';
    return [
      ...planned(
        `an iterator of promises in an object that ${when}`,
        below(late, (fail) => ({ ns: [fail(), fail()].values() })),
        '{ late { a { ns } } }',
      ),
      ...planned(
        `a generator of promises that are there, in an object that ${when}`,
        below(late, (fail) => ({ ns: generator([fail(), 1]) })),
        '{ late { a { ns } } }',
      ),
      ...planned(
        `a generator of promises that are there, in an object in an object that ${when}`,
        below(late, (fail) => ({ u: { us: new Set([fail()]).values() } })),
        '{ late { a { u { us { n } } } } }',
      ),
      ...planned(
        `a generator of promises in a promised object that ${when}`,
        below(late, async (fail) => ({ ns: generator([fail(), 1]) })),
        '{ late { a { ns } } }',
      ),
      ...planned(
        `a promised generator of promises in an object that ${when}`,
        below(late, (fail) => ({ ns: Promise.resolve(generator([fail(), 1])) })),
        '{ late { a { ns } } }',
      ),
      ...planned(
        `a generator of promises in place of a list that ${when}`,
        below(late, (fail) => generator([fail(), { n: 1 }]), true),
        '{ late { a { n } } }',
      ),
    ];
  }),
  ...planned(
    'items that at() leaves',
    dropping(($list) => at($list as never, 0)),
    '{ a { n } slow }',
  ),
  ...planned(
    'items that listLength() leaves',
    dropping(($list) => listLength($list as never) as never, 'Int'),
    '{ a slow }',
  ),
  ...planned(
    'a list that waits for another step',
    dropping(($list) => lambda(list([$list, lambda(list([]), slow)] as never), () => ({ n: 1 })) as never),
    '{ a { n } slow }',
  ),
  ...aborted('properties that come after an abort', async (fail) => {
    await wait(5);
    return [{ n: fail(), us: [fail()] }, fail()];
  }),
  ...aborted('a promise that rejects after an abort', async (fail) => {
    await wait(5);
    return fail();
  }),
  ...aborted('values that come one by one, some after an abort', (fail) =>
    Array.from({ length: 12 }, async (_, row) => {
      await wait(row);
      return { n: fail(), us: [fail(), { n: fail() }] };
    }),
  ),
  ...[3, 20].flatMap((rows) =>
    resolved(`${rows} values of resolvers that come one by one`, {
      typeDefs: `type Query { us: [U] slow: Int } ${U}`,
      operation: '{ us { twice u { n must us { n } u { n us { n } } } } slow }',
      behave: (fail) => ({
        Query: { fields: { us: () => Array.from({ length: rows }, (_, n) => ({ n })), slow } },
        U: {
          fields: {
            twice: () => 2,
            async u({ n }) {
              await wait(n % 4);
              return { n: n % 2 === 0 ? fail() : 1, must: 1, us: n % 3 === 0 ? [fail()] : fail() };
            },
          },
        },
      }),
    }),
  ),
  ...aborted('items that are promises while a request is aborted', (fail) => [wait(5), fail(), { n: fail() }]),
  ...aborted('an async iterable whose return() rejects', () => ({
    [Symbol.asyncIterator]: () => ({ next: () => wait(40), return: () => Promise.reject(new Error('return')) }),
  })),
  ...aborted('an async iterable that comes late', async (fail) => {
    await wait(5);
    return { [Symbol.asyncIterator]: () => ({ next: fail, return: fail }) };
  }),
  ...subscribed('the source of a subscription', (fail) => fail()),
  ...subscribed('next() of a source', (fail) => ({ [Symbol.asyncIterator]: () => ({ next: fail, return: fail }) })),
  ...subscribed('return() of a source', (fail) => ({
    [Symbol.asyncIterator]: () => ({ next: () => wait(5).then(() => ({ done: true })), return: fail }),
  })),
  ...subscribed(
    'properties of events',
    (fail) => trickle([() => ({ n: fail(), u: { n: fail() } })]),
    'U',
    '{ n u { n } slow }',
  ),
  ...subscribed('events that are promises', (fail) => handsOut([() => fail(), () => fail()])),
  {
    name: 'a source that comes after an abort, and does not open',
    async run() {
      const schema = schemaOf('type Query { a: Int } type Subscription { s: Int }');
      const s = subscriptionField(schema);
      s.subscribe = async () => {
        await wait(5);
        return { [Symbol.asyncIterator]: () => ({ next: fails['a microtask'], return: fails['a microtask'] }) };
      };
      const controller = new AbortController();
      const going = createEngine({ schema }).subscribe({
        document: parse('subscription { s }'),
        abortSignal: controller.signal,
      });
      await wait(1);
      controller.abort();
      await Promise.resolve(going).catch(() => {});
      await wait(15);
    },
  },
];
