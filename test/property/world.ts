import fc from 'fast-check';
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchSchema,
  memoryShards,
  type ShardStore,
} from 'planql/kvetch';
import { createIdGenerator } from '../../src/kvetch/ids/createIdGenerator.ts';

/** Who may see an object of a type. */
export type Rule =
  /** Everybody. */
  | 'all'
  /** Nobody, where the object says so. */
  | 'flag'
  /** The viewer, where a list says so. */
  | 'member'
  /** Who may see the object that it refers to, which is another load. */
  | 'reference';

export interface TypeSpec {
  readonly rule: Rule;
  /** The types of the objects that its attributes `r0`, `r1` name. */
  readonly references: readonly number[];
  /** The types of the objects in its lists `l0`, `l1`. */
  readonly lists: readonly number[];
}

/** Numbers, from which objects and edges are made: whatever they are, the data fits the schema. */
export interface World {
  readonly types: readonly TypeSpec[];
  readonly perType: number;
  readonly servers: number;
  /** In turn: whether an object is hidden, what a reference names, what lists hold. */
  readonly hidden: readonly boolean[];
  readonly targets: readonly number[];
  readonly lengths: readonly number[];
  readonly members: readonly number[];
}

const type: fc.Arbitrary<TypeSpec> = fc.record({
  rule: fc.constantFrom('all', 'flag', 'member', 'reference'),
  references: fc.array(fc.nat(2), { maxLength: 2, size: 'max' }),
  lists: fc.array(fc.nat(2), { maxLength: 2, size: 'max' }),
});

export const world: fc.Arbitrary<World> = fc
  .record({
    types: fc.array(type, { minLength: 1, maxLength: 3, size: 'max' }),
    perType: fc.integer({ min: 1, max: 5 }),
    servers: fc.integer({ min: 1, max: 2 }),
    hidden: fc.array(fc.boolean(), { minLength: 1, maxLength: 6, size: 'max' }),
    targets: fc.array(fc.nat(6), { minLength: 1, maxLength: 12, size: 'max' }),
    lengths: fc.array(fc.nat(4), { minLength: 1, maxLength: 6, size: 'max' }),
    members: fc.array(fc.nat(14), { maxLength: 6 }),
  })
  .map(({ types, ...rest }) => {
    // Types that are not there are the first one.
    const known = (to: number): number => (to < types.length ? to : 0);
    const fitting = types.map(({ rule, references, lists }) => {
      const own = references.map(known);
      return {
        rule: rule === 'reference' && own.length === 0 ? 'flag' : rule,
        references: own,
        lists: lists.map(known),
      };
    });
    return { ...rest, types: fitting } as World;
  });

/** A world as it is stored. */
export interface Stored {
  readonly schema: KvetchSchema;
  readonly shards: readonly ShardStore[];
  /** By type. */
  readonly ids: readonly (readonly string[])[];
  readonly viewerId: string;
}

const VIEWER = 9;
const FIRST_ID = 200_000;
/** The edges from the viewer to what it may see. */
export const VIEWER_SEES: number = FIRST_ID + 99;
/** The id of nothing. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

export const edgeOf = (type: number, list: number): string => `t${type}_l${list}`;
export const indexOf = (type: number): string => `t${type}_name`;

/** `sees`: the type of what `viewer_sees` leads to. */
export function storeSchemaOf({ types }: World, sees = 0): KvetchSchema {
  return defineKvetchSchema({
    objects: [
      ...types.map((_, at) => ({ typeId: FIRST_ID + at, name: `T${at}` })),
      { typeId: FIRST_ID + VIEWER, name: 'Viewer' },
    ],
    edges: [
      ...types.flatMap(({ lists }, from) =>
        lists.map((to, at) => ({
          edgeId: FIRST_ID + from * 10 + at,
          name: edgeOf(from, at),
          from: `T${from}`,
          to: `T${to}`,
        })),
      ),
      { edgeId: VIEWER_SEES, name: 'viewer_sees', from: 'Viewer', to: `T${sees}` },
    ],
    indexes: types.map((_, at) => ({ name: indexOf(at), type: `T${at}`, attr: 'name', kind: 'string' as const })),
  });
}

/** Stores a world in memory. The same world has the same ids in every run. */
export async function storeWorld(world: World): Promise<Stored> {
  const { types, perType, servers, hidden, targets, lengths, members } = world;
  const schema = storeSchemaOf(world);
  const shards = memoryShards(servers);
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  let ms = 1_700_000_000_000;
  const clock = (): number => ms++;
  const generator = createIdGenerator({ clock, random });
  const rest = { shards, clock, ids: generator };
  const kvetch = createKvetch({ ...rest, schema });
  const ids = types.map(() => Array.from({ length: perType }, () => generator.next(null)));
  let turn = 0;
  /** Of so many, one names nothing and one nothing that is there. */
  const target = (of: number, nobody: string): string | null => {
    const to = targets[turn++ % targets.length] as number;
    if (to === 5) return null;
    return to === 6 ? nobody : ((ids[of] as readonly string[])[to % perType] as string);
  };
  for (const [at, { references }] of types.entries()) {
    const requests = (ids[at] as readonly string[]).map((id, n) => ({
      id,
      data: {
        name: `n${n % 3}`,
        isHidden: hidden[(at * perType + n) % hidden.length],
        ...Object.fromEntries(references.map((of, r) => [`r${r}`, target(of, NOBODY)])),
      },
    }));
    for (const entry of await kvetch.createObjects(`T${at}`, requests)) if (entry instanceof Error) throw entry;
  }
  // Edges lead to what was there when they were put.
  const gone: string[] = [];
  for (const at of types.keys()) gone.push(await kvetch.createObject(`T${at}`, {}));
  for (const [at, { lists }] of types.entries()) {
    for (const [list, of] of lists.entries()) {
      for (const fromId of ids[at] as readonly string[]) {
        for (let n = lengths[turn++ % lengths.length] as number; n > 0; n--) {
          const toId = target(of, gone[of] as string);
          if (toId !== null) await kvetch.insertEdge(edgeOf(at, list), { fromId, toId });
        }
      }
    }
  }
  for (const id of gone) await kvetch.deleteObject(id);
  const viewerId = await kvetch.createObject('Viewer', { name: 'viewer' });
  // The list names objects of all types: each is written by a store that takes it to lead to this one.
  const writers = types.map((_, at) => createKvetch({ ...rest, schema: storeSchemaOf(world, at) }));
  const all = ids.flatMap((own, at) => own.map((toId) => ({ toId, writer: writers[at] as Kvetch })));
  for (const one of members) {
    const { toId, writer } = all[one % all.length] as (typeof all)[number];
    await writer.insertEdge('viewer_sees', { fromId: viewerId, toId });
  }
  return { schema, shards, ids, viewerId };
}
