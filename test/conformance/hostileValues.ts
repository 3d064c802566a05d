import vm from 'node:vm';
import { GraphQLError } from 'graphql';

function getter(key: PropertyKey, base: object = {}): object {
  return Object.defineProperty(base, key, {
    get() {
      throw new Error(`getter ${String(key)}`);
    },
    enumerable: true,
  });
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function refuse(what: string): () => never {
  return () => {
    throw new Error(what);
  };
}

function cyclic(): object {
  const object: Record<string, unknown> = { id: 1, must: 'm' };
  object.obj = object;
  return object;
}

function ownArguments(..._given: unknown[]): unknown {
  // biome-ignore lint/complexity/noArguments: the object itself is what is wanted
  return arguments;
}

const foreignError: unknown = vm.runInNewContext('new Error("vm")');
const sharedError = new Error('same');

/** Values that resolvers and data can hold and that nobody expects, each made anew for every run. */
export const hostileValues: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => Number.NaN,
  infinity: () => Number.NEGATIVE_INFINITY,
  'negative zero': () => -0,
  'too large': () => 2 ** 31,
  half: () => 0.5,
  text: () => 'text',
  'text of a number': () => '1e3',
  'empty text': () => '',
  true: () => true,
  bigint: () => 10n ** 30n,
  symbol: () => Symbol('s'),
  'lone surrogate': () => '\ud800',
  'control characters': () => '\u0000\u2028"\\',
  'long text': () => 'x'.repeat(5000),
  date: () => new Date(0),
  'invalid date': () => new Date(Number.NaN),
  map: () => new Map([[1, 2]]),
  set: () => new Set([1, 2]),
  buffer: () => Buffer.from('ab'),
  'typed array': () => new Uint8Array([1, 2]),
  'boxed text': () => new String('boxed'),
  'boxed number': () => new Number(5),
  array: () => [1, 2],
  holes: () => Object.assign([], { 3: 1 }),
  'nested arrays': () => [[1], [2, null], null, 3],
  arguments: () => ownArguments(1, 2),
  'subclass of Array': () => Object.assign(new (class List extends Array {})(), { 0: 1 }),
  generator: () =>
    (function* () {
      yield 1;
    })(),
  'error as a value': () => new Error('returned'),
  'GraphQLError with a path': () => new GraphQLError('g', { extensions: { code: 'X' }, path: ['a', 1] } as never),
  'error of another realm': () => foreignError,
  'error without an own message': () => Object.create(Error.prototype),
  'one error in many rows': () => new Array(3).fill(sharedError),
  'array of promises': () => [Promise.resolve(1), null, Promise.resolve(null)],
  valueOf: () => ({ valueOf: () => 7 }),
  'valueOf that throws': () => ({ valueOf: refuse('valueOf') }),
  'valueOf itself': () => {
    const value: { valueOf(): unknown } = { valueOf: () => value };
    return value;
  },
  toJSON: () => ({ toJSON: () => 'j' }),
  toPrimitive: () => ({ [Symbol.toPrimitive]: () => 5 }),
  function: () => () => 3,
  'function that throws': () => refuse('function'),
  'function with properties': () => Object.assign(() => 1, { id: 3, must: 'm' }),
  class: () => class A {},
  // biome-ignore lint/suspicious/noThenProperty: what is no promise may have one
  'then that throws': () => ({ then: refuse('then') }),
  // biome-ignore lint/suspicious/noThenProperty: as above
  'then that is no function': () => ({ then: 5, id: 1 }),
  'getter then': () => getter('then'),
  'promise of an error': () => Promise.resolve(new Error('resolved')),
  proxy: () => new Proxy({ id: 1, must: 'm' }, {}),
  'proxy of an array': () => new Proxy([1, 2], {}),
  'revoked proxy': () => revoked({}),
  'revoked proxy of an array': () => revoked([]),
  'proxy that refuses all': () =>
    new Proxy({}, { get: refuse('get'), has: refuse('has'), getPrototypeOf: refuse('getPrototypeOf') }),
  'proxy that refuses its prototype': () => new Proxy({ id: 1 }, { getPrototypeOf: refuse('getPrototypeOf') }),
  'no prototype': () => Object.assign(Object.create(null), { id: 1, must: 'm' }),
  frozen: () => Object.freeze({ id: 1, must: 'm' }),
  cyclic,
  'cyclic array': () => {
    const array: unknown[] = [1];
    array.push(array);
    return array;
  },
  'iterable that throws': () => ({ [Symbol.iterator]: refuse('iterator') }),
  'iterator that throws null': () => ({
    // biome-ignore lint/correctness/useYield: it has no items
    *[Symbol.iterator]() {
      throw null;
    },
  }),
  'iterator that throws undefined': () => ({
    // biome-ignore lint/correctness/useYield: as above
    *[Symbol.iterator]() {
      throw undefined;
    },
  }),
  'next that throws': () => ({ [Symbol.iterator]: () => ({ next: refuse('next') }) }),
  'iterator without next': () => ({ [Symbol.iterator]: () => ({}) }),
  'getter Symbol.iterator': () => getter(Symbol.iterator),
  'iterator that is no function': () => ({ [Symbol.iterator]: 5 }),
  'array with a getter': () => getter(0, [1]),
  'own constructor': () => ({ constructor: 5, id: 1, must: 'm' }),
  'own __proto__': () => JSON.parse('{"__proto__": {"id": 9}, "must": "m"}'),
  'typename of a possible type': () => ({ __typename: 'T', id: 1, must: 'm' }),
  'typename that is not there': () => ({ __typename: 'Nope' }),
  'typename of a scalar': () => ({ __typename: 'String' }),
  'typename of an interface': () => ({ __typename: 'Node' }),
  'typename that is no text': () => ({ __typename: { toString: () => 'T' } }),
  'getter __typename': () => getter('__typename'),
  'Object.prototype': () => Object.prototype,
  'Array.prototype': () => Array.prototype,
  globalThis: () => globalThis,
};
