/**
 * After each write to Kvetch every read whose answer changed holds a stale key (row 7, spec 11.4.1): over random
 * schemas, reads and writes. Prints the share of reads that are told stale though their answer is the same.
 */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReadExtra } from '../../src/kvetch/reads/KvetchReads.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, type KvetchSchema, memoryShards } from '../../src/kvetch.ts';
import { heldVersion, isStale, type Moment, memoryVersions } from '../../src/reactive.ts';

const test = suite('Kvetch invalidates what it changes');

const COLORS = ['red', 'blue'];
/** Objects are chosen by number among those that were ever made, dead ones included. */
const object = fc.nat(9);
const attributes = fc.record(
  {
    color: fc.constantFrom(...COLORS, null),
    rank: fc.constantFrom(1, 2, null),
    parent: fc.option(object),
    note: fc.nat(1),
  },
  { requiredKeys: [] },
);
const page = fc.record({ first: fc.constantFrom(1, 2, 100), behind: fc.option(object) });
const write = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('create' as const), type: fc.nat(1), attributes }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('update' as const), of: object, attributes }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), of: object }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constantFrom('link' as const, 'unlink' as const),
      of: object,
      to: object,
      n: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('tag' as const, 'untag' as const), of: object, n: fc.nat(1) }),
  },
);
const read = fc.oneof(
  fc.record({ op: fc.constant('object' as const), of: object }),
  fc.record({ op: fc.constantFrom('edges' as const, 'edgeObjects' as const), of: object, edge: fc.nat(1), page }),
  fc.record({ op: fc.constant('count' as const), of: object, edge: fc.nat(1) }),
  fc.record({
    op: fc.constantFrom('index' as const, 'indexObjects' as const),
    index: fc.nat(2),
    value: fc.nat(1),
    page,
  }),
  fc.record({ op: fc.constant('browse' as const), type: fc.nat(1), page }),
);
const shape = fc.record({
  colocate: fc.boolean(),
  unique: fc.boolean(),
  storedOnOther: fc.boolean(),
});

type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;
type Read = typeof read extends fc.Arbitrary<infer T> ? T : never;
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

function schemaOf({ colocate, unique, storedOnOther }: Shape): KvetchSchema {
  const child = storedOnOther ? 'B' : 'A';
  return defineKvetchSchema({
    objects: [
      { typeId: 100, name: 'A' },
      { typeId: 101, name: 'B' },
    ],
    edges: [
      { edgeId: 1, name: 'children', from: 'A', storedOn: child, storedIdAttr: 'parent', colocate },
      { edgeId: 2, name: 'links', from: 'A', to: 'B' },
    ],
    indexes: [
      { name: 'color', type: 'A', attr: 'color', kind: 'string' },
      { name: 'rank', type: child, attr: 'rank', kind: 'int', unique },
      { name: 'tags', type: 'B', kind: 'string' },
    ],
  });
}

class World {
  readonly kvetch: Kvetch;
  readonly versions = memoryVersions();
  readonly ids: string[] = [];

  constructor(schema: KvetchSchema) {
    const { versions } = this;
    const changes = {
      recorder: () => null,
      invalidate: async (keys: readonly string[]) => {
        versions.invalidate(keys);
        return true;
      },
    };
    this.kvetch = createKvetch({ schema, shards: memoryShards(2), changes, outboxPollMs: 0 });
  }

  id(n: number): string {
    return this.ids[n % Math.max(1, this.ids.length)] ?? '01900000-0000-7000-8000-000000000000';
  }

  async write(one: Write): Promise<void> {
    const { kvetch } = this;
    const data = (given: { parent?: number | null }) => ({
      ...given,
      ...(given.parent !== undefined && { parent: given.parent === null ? null : this.id(given.parent) }),
    });
    try {
      switch (one.op) {
        case 'create':
          return void this.ids.push(await kvetch.createObject(one.type === 0 ? 'A' : 'B', data(one.attributes)));
        case 'update':
          return void (await kvetch.updateObject(this.id(one.of), data(one.attributes)));
        case 'delete':
          return void (await kvetch.deleteObject(this.id(one.of)));
        case 'link':
          return await kvetch.insertEdge('links', {
            fromId: this.id(one.of),
            toId: this.id(one.to),
            data: { n: one.n },
          });
        case 'unlink':
          return await kvetch.deleteEdge('links', { fromId: this.id(one.of), toId: this.id(one.to) });
        case 'tag':
          return await kvetch.insertIndexEntry('tags', { value: COLORS[one.n], targetId: this.id(one.of) });
        case 'untag':
          return await kvetch.deleteIndexEntry('tags', { value: COLORS[one.n], targetId: this.id(one.of) });
      }
    } catch (error) {
      // what is refused may have been done and undone
      if (!/NOT_FOUND|WRONG_TYPE|UNIQUE|CONFLICT|BAD/.test(String((error as { code?: string }).code))) throw error;
    }
  }

  /** A read of the objects that its numbers stand for now. */
  reader(one: Read): Reader {
    const { reads } = this.kvetch;
    const edge = 'edge' in one && one.edge === 0 ? 'children' : 'links';
    const args =
      'page' in one ? { first: one.page.first, after: one.page.behind === null ? null : this.id(one.page.behind) } : {};
    const index = 'index' in one ? (['color', 'rank', 'tags'] as const)[one.index] : 'color';
    const value = 'value' in one ? (index === 'rank' ? one.value + 1 : COLORS[one.value]) : null;
    switch (one.op) {
      case 'object': {
        const ids = [this.id(one.of)];
        return (extra) => reads.objects(ids, extra);
      }
      case 'edges': {
        const asked = [{ edge, fromId: this.id(one.of), first: one.page.first }];
        return (extra) => reads.edges(asked, extra);
      }
      case 'edgeObjects': {
        const asked = [{ edge, fromId: this.id(one.of), first: one.page.first }];
        return (extra) => reads.edgeObjects(asked, extra);
      }
      case 'count': {
        const asked = [{ edge, fromId: this.id(one.of) }];
        return (extra) => reads.counts(asked, extra);
      }
      case 'index': {
        const asked = [{ index: index as string, value, ...args }];
        return (extra) => reads.index(asked, extra);
      }
      case 'indexObjects': {
        const asked = [{ index: index as string, value, ...args }];
        return (extra) => reads.indexObjects(asked, extra);
      }
      case 'browse': {
        const asked = [{ type: one.type === 0 ? 'A' : 'B', ...args }];
        return (extra) => reads.browse(asked, extra);
      }
    }
  }
}

type Reader = (extra: ReadExtra) => unknown;

interface Held {
  readonly read: Reader;
  readonly answer: string;
  readonly asOf: Moment;
  readonly keys: readonly string[];
  readonly versions: readonly number[];
}

async function hold(world: World, one: Reader): Promise<Held> {
  const keys = new Set<string>();
  const asOf = world.versions.seen as Moment;
  const answer = asText(await one({ recordDependency: (key) => void keys.add(key) }));
  const all = [...keys];
  const reading = await world.versions.read(all);
  return { read: one, answer, asOf, keys: all, versions: all.map((_, at) => heldVersion(asOf, reading, at)) };
}

/** Errors have texts, too. */
function asText(answer: unknown): string {
  return JSON.stringify(answer, (_key, value: unknown) => (value instanceof Error ? { error: value.message } : value));
}

const counts = { reads: 0, stale: 0, changed: 0 };

test('row 7: every read whose answer changed holds a stale key [11.4.1]', async () => {
  await fc.assert(
    fc.asyncProperty(
      shape,
      fc.array(read, { minLength: 5, maxLength: 15 }),
      fc.array(write, { minLength: 10, maxLength: 40 }),
      async (given, reads, writes) => {
        const world = new World(schemaOf(given));
        // half of the objects are there before anything is read
        for (const one of writes.slice(0, writes.length / 2)) await world.write(one);
        const held = await Promise.all(reads.map((one) => hold(world, world.reader(one))));
        for (const one of writes.slice(writes.length / 2)) {
          await world.write(one);
          for (const [at, old] of held.entries()) {
            const now = await hold(world, old.read);
            const reading = await world.versions.read(old.keys);
            const stale = old.versions.some((version, i) => isStale(old.asOf, version, reading, i));
            counts.reads++;
            if (stale) counts.stale++;
            if (now.answer !== old.answer) counts.changed++;
            assert.ok(stale || now.answer === old.answer, `${asText([one, old, now])} is not told`);
            held[at] = now;
          }
        }
        await world.kvetch.close();
      },
    ),
    { numRuns: 300 },
  );
  const { reads, stale, changed } = counts;
  const percent = (part: number): string => `${((100 * part) / reads).toFixed(2)} %`;
  console.log(
    `  ${reads} reads after a write: ${percent(changed)} changed, ${percent(stale - changed)} told stale for nothing`,
  );
  assert.ok(changed > 1000, 'answers do change');
  assert.ok(stale - changed < 0.1 * reads, 'few are told for nothing');
});

test.run();
