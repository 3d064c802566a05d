/**
 * Sends hostile and ordinary traffic through an engine and prints by kind how many bytes it keeps and how many it counts.
 *   node --expose-gc --import tsx test/memory/caches.program.ts
 */
import { parse } from 'graphql';
import { constant, createEngine, get, lambda, loader, loadMany, loadOne, makeSchema } from '../../src/index.ts';

const byId = loader<{ id: unknown; name: string }, unknown>({
  name: 'memory.byId',
  load: (keys) => keys.map((id) => ({ id, name: 'n' })),
});
const listOf = loader<{ id: unknown; name: string }[], unknown>({
  name: 'memory.listOf',
  load: (keys) => keys.map((id) => [{ id, name: 'n' }]),
});
/** An object without end: it is its own child. */
const world: object = {
  name: 'x',
  get o() {
    return world;
  },
  get p() {
    return world;
  },
  get list() {
    return [world];
  },
};
/** An animal whose children have eight types in turn. */
const animal = (generation: number): object => ({
  __typename: `A${generation % 8}`,
  name: 'x',
  get child() {
    return animal(generation + 1);
  },
});
// biome-ignore lint/suspicious/noExplicitAny: plan resolvers of a test schema without a type map
type Any = any;
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { plain: O thing: T things: [T!] node: N animal: Animal }
    interface Animal { name: String child: Animal }
    ${Array.from({ length: 9 }, (_, n) => `type A${n} implements Animal { name: String child: Animal }`).join('\n')}
    interface N { id: ID }
    type T implements N { id: ID name: String thing(x: Int): T things: [T!] resolved(a: Int): String }
    type O { o: O p: O name: String list: [O] }
  `,
  objects: {
    Query: {
      plans: {
        plain: () => lambda(null, () => world) as Any,
        thing: () => loadOne(constant(1), byId) as Any,
        things: () => loadMany(constant(1), listOf) as Any,
        node: { resolve: () => ({ __typename: 'T', id: 1 }) },
        animal: { resolve: () => animal(0) },
      },
    },
    T: {
      plans: {
        thing: ($thing: Any) => loadOne(get($thing, 'id' as never), byId) as Any,
        things: ($thing: Any) => loadMany(get($thing, 'id' as never), listOf) as Any,
        resolved: { resolve: () => 'x' },
      },
    },
  },
} as never);

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');
const doubling = (selection: (next: string) => string): string =>
  `${times(12, (i) => `fragment F${i} on O { ${selection(`...F${i + 1}`)} }`)} fragment F12 on O { name }`;

const nested = (levels: number): string => (levels === 0 ? 'name' : `name child { ${nested(levels - 1)} }`);

const MB = 1024 * 1024;

/** By kind of traffic: how many operations, and the text of each. */
const traffic: Readonly<Record<string, readonly [count: number, text: (index: number) => string]>> = {
  tiny: [400, (i) => `{ x${i}: __typename }`],
  loads: [
    200,
    (i) => `query Q${i} { thing { id thing(x: 1) { name things { id thing(x: 2) { id } } } } things { id } }`,
  ],
  'many leaves': [30, (i) => `{ thing { ${times(300, (k) => `f${k}_${i}: name`)} } }`],
  resolvers: [200, (i) => `query Q${i} { thing { ${times(10, (k) => `r${k}: resolved(a: ${k})`)} } }`],
  'abstract types': [200, (i) => `query Q${i} { node { id ... on T { name thing(x: 1) { id } } } }`],
  // Their plans grow with what is met while they run: none of it is there when they are made.
  'types that are met': [100, (i) => `query Q${i} { animal { ${nested(8)} } }`],
  conditions: [200, (i) => `query Q${i}($a: Boolean = true) { thing @include(if: $a) { id name @skip(if: $a) } }`],
  'aliases that double': [
    8,
    (i) => `query Q${i} { plain { ...F0 } } ${doubling((n) => `x: o { ${n} } y: o { ${n} }`)}`,
  ],
  'fields that double': [5, (i) => `query Q${i} { plain { ...F0 } } ${doubling((n) => `o { ${n} } p { ${n} }`)}`],
  'lists that double': [5, (i) => `query Q${i} { plain { ...F0 } } ${doubling((n) => `list { ${n} } p { ${n} }`)}`],
  'long literals': [30, (i) => `{ thing { r: resolved(a: 1) # ${'comment '.repeat(4_000)}${i}\n } }`],
  refused: [100, (i) => `{ ${times(100, (k) => `nothing${k}_${i}`)} }`],
  dense: [50, (i) => `{ b${i}: __typename ${'__typename '.repeat(500)} }`],
};

/** Between collections what is under way comes to its end: code that V8 compiles on other threads, work that waits for a turn. */
const heap = async (): Promise<number> => {
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    (globalThis as { gc?: () => void }).gc?.();
  }
  return process.memoryUsage().heapUsed;
};

type Kept = { readonly kept: number; readonly counted: number };

/** What plans keep that came once, or again: documents are parsed for each request and not kept otherwise. */
async function plansOf(
  count: number,
  text: (index: number) => string,
  isOnce: boolean,
  codegen: 'auto' | 'always' = 'auto',
): Promise<Kept> {
  const engine = createEngine({ schema, codegen, planCache: { maxSize: 4096 * MB } });
  const ask = async (index: number): Promise<void> => {
    const document = parse(text(index));
    await engine.executeToBuffer({ document });
    if (!isOnce) await engine.execute({ document });
    // Code that was generated for a plan is counted when the plan comes again.
    if (codegen === 'always') await engine.executeToBuffer({ document });
  };
  for (let index = 0; index < 3; index++) await ask(1_000_000 + index);
  const before = { heap: await heap(), bytes: engine.stats().planCache.bytes };
  for (let index = 0; index < count; index++) await ask(index);
  return { kept: (await heap()) - before.heap, counted: engine.stats().planCache.bytes - before.bytes };
}

/** What an engine with small caches keeps of all traffic, whatever comes. */
async function bounded(): Promise<Kept> {
  const engine = createEngine({ schema, planCache: { maxSize: 4 * MB }, documents: { maxBytes: 4 * MB } });
  const send = async (from: number): Promise<void> => {
    for (const [count, text] of Object.values(traffic)) {
      for (let index = from; index < from + count; index++) {
        const document = engine.document(text(index));
        if ('kind' in document) await engine.executeToBuffer({ document });
        // Code for plans that proved hot is generated when the event loop turns.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  // The process itself grows for some rounds: code that V8 compiles, buffers that are used again.
  for (let round = 0; round < 2; round++) await send(2_000_000 + round * 10_000);
  const before = await heap();
  for (let round = 0; round < 2; round++) await send(round * 10_000);
  return { kept: (await heap()) - before, counted: engine.stats().planCache.bytes };
}

// It comes first: V8 frees the memory of dropped engines at some later time, which would hide what this engine keeps.
const all = await bounded();
const plans: Record<string, Kept> = {};
for (const [kind, [count, text]] of Object.entries(traffic)) {
  if (kind === 'refused') continue;
  plans[kind] = await plansOf(count, text, false);
  plans[`${kind}, once`] = await plansOf(count, text, true);
}
const chain = (levels: number): string => (levels === 0 ? 'id' : `id things { ${chain(levels - 1)} }`);
plans['loads with code'] = await plansOf(90, (i) => `query Q${i} { things { ${chain(16)} } }`, false, 'always');
console.log(JSON.stringify({ plans, bounded: all }));
