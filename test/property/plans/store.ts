import { fn } from 'planql';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from 'planql/kvetch';
import { definePents, Pent, PentContext, type PentDefinition, type PentModel } from 'planql/pent';

const schema = defineKvetchSchema({
  objects: [
    {
      typeId: 1,
      name: 'StoredRow',
      fields: {
        kind: 'string',
        n: 'int',
        m: 'int',
        t: 'string',
        f: 'bool',
        to: 'string',
        other: 'string',
        ns: 'json',
        keys: 'json',
        deep: 'json',
        next: 'uuid',
      },
    },
    { typeId: 2, name: 'Note' },
  ],
  edges: [{ edgeId: 10, name: 'near', from: 'StoredRow', to: 'StoredRow' }],
  indexes: [
    { name: 'row_t', type: 'StoredRow', attr: 't', kind: 'string' },
    { name: 'row_tn', type: 'StoredRow', attrs: ['t'], orderBy: ['n'] },
  ],
});

/** A stored row, with the attributes of all rows. */
export class StoredRow extends Pent {
  static override readonly definition: PentDefinition = {
    name: 'StoredRow',
    typeId: 1,
    storedIds: { next: ['StoredRow'] },
  };
  get kind(): unknown {
    return this.$record.kind;
  }
  get n(): unknown {
    return this.$record.n;
  }
  get m(): unknown {
    return this.$record.m;
  }
  get t(): unknown {
    return this.$record.t;
  }
  get f(): unknown {
    return this.$record.f;
  }
  get to(): unknown {
    return this.$record.to;
  }
  get other(): unknown {
    return this.$record.other;
  }
  get ns(): unknown {
    return this.$record.ns;
  }
  get keys(): unknown {
    return this.$record.keys;
  }
  /** Pents allow no writes to properties that they do not have. */
  get deep(): unknown {
    return this.$record.deep;
  }
}

/** An object that mutations create and delete. */
export class Note extends Pent {
  static override readonly definition = { name: 'Note', typeId: 2 };
  get n(): unknown {
    return this.$record.n;
  }
}

export interface Store {
  readonly kvetch: Kvetch;
  readonly model: PentModel;
  readonly ids: readonly string[];
}

const model: PentModel = definePents({ schema, pents: [StoredRow, Note] });

async function makeStore(): Promise<Store> {
  const kvetch = createKvetch({ schema, shards: memoryShards(2) });
  const ids: string[] = [];
  for (let at = 0; at < 5; at++) {
    const list = { ns: [at, 1], keys: [`r${at}`, null, 'r2'] };
    const own = { kind: 'ABABC'[at] as string, n: at, m: 4 - at, t: ['x', 'yes', 'x', 'A', ''][at] as string };
    const more = {
      f: at % 2 === 0,
      to: `r${at + 1}`,
      other: 'r99',
      deep: { n: at, ns: [1] },
      next: ids[at - 1] ?? null,
    };
    ids.push(await kvetch.createObject('StoredRow', { ...own, ...list, ...more }));
  }
  for (const [from, to] of [
    [0, 1],
    [0, 2],
    [0, 4],
    [1, 0],
    [1, 1],
    [3, 2],
  ] as const)
    await kvetch.insertEdge('near', { fromId: ids[from] as string, toId: ids[to] as string });
  return { kvetch, model, ids };
}

/** One store for all attempts: what mutations write to it nobody reads but they. */
export const store: Store = await makeStore();

export function pentContext(): PentContext {
  return new PentContext({ kvetch: store.kvetch, model, viewer: null });
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** The id of the object that stands for a key. */
export const storedId: (key: unknown) => string | null = fn('plans.storedId', (key: unknown) => {
  if (typeof key !== 'string') return null;
  const at = Number(key.slice(1));
  return Number.isInteger(at) ? (store.ids[at] ?? NOBODY) : NOBODY;
});

export const storedIds: (keys: unknown) => readonly string[] | null = fn('plans.storedIds', (keys: unknown) =>
  Array.isArray(keys) ? keys.map(storedId).filter((id) => id !== null) : null,
);
