import {
  type CleanReport,
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchOptions,
  type KvetchSchema,
} from '../../src/kvetch.ts';
import type { Backend } from './backends.ts';

export const todoSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 100000, name: 'User' },
    { typeId: 100002, name: 'List' },
    {
      typeId: 100001,
      name: 'Item',
      fields: { text: { kind: 'string', required: true }, list: 'uuid', done: 'bool', rank: 'int', due: 'date' },
    },
  ],
  edges: [
    { edgeId: 10000, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
    { edgeId: 10001, name: 'list_to_item', from: 'List', storedOn: 'Item', storedIdAttr: 'list', colocate: true },
    { edgeId: 10002, name: 'friends', from: 'User', to: 'User' },
  ],
  indexes: [
    { name: 'username', type: 'User', attr: 'username', kind: 'string', unique: true },
    { name: 'city', type: 'User', attr: 'city', kind: 'string' },
    { name: 'age', type: 'User', attr: 'age', kind: 'int' },
    { name: 'item_done', type: 'Item', attr: 'done', kind: 'bool' },
    { name: 'item_due', type: 'Item', attr: 'due', kind: 'date' },
    { name: 'list_owner', type: 'List', attr: 'owner', kind: 'uuid' },
    { name: 'tags', indexId: 7, type: 'User', kind: 'string' },
  ],
});

/** A clock that tests move by hand. */
export interface ManualClock {
  (): number;
  ms: number;
}

export function manualClock(ms = 1_800_000_000_000): ManualClock {
  const clock: ManualClock = Object.assign(() => clock.ms, { ms });
  return clock;
}

/** A todo store over shards. */
export function todoStore(shards: KvetchOptions['shards'], options: Partial<KvetchOptions> = {}): Kvetch {
  return createKvetch({ schema: todoSchema, shards, ...options });
}

/** A todo store on a backend. */
export function openTodo(backend: Backend, options: Partial<KvetchOptions> = {}): Kvetch {
  const { shards, ...cache } = backend.open();
  return todoStore(shards, { ...cache, ...options });
}

/** The error of an entry, or a failure that says what was there instead. */
export function errorOf(entry: unknown): Error {
  if (entry instanceof Error) return entry;
  throw new Error(`Expected an error and saw ${JSON.stringify(entry)}.`);
}

/** The error that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    (value) => {
      throw new Error(`Expected a rejection and saw ${JSON.stringify(value)}.`);
    },
    (error: Error) => error,
  );
}

/** The ids of a batch in which nothing may have failed. */
export function idsOf(entries: ReadonlyArray<string | Error>): string[] {
  return entries.map((entry) => {
    if (entry instanceof Error) throw entry;
    return entry;
  });
}

/** What a run of the cleaners found: its counters that are not zero. */
export function work({
  scanned: _scanned,
  complete: _complete,
  tooYoung: _tooYoung,
  ...counters
}: CleanReport): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0));
}
