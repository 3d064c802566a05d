import type { Store } from './Workload.ts';

export interface SlowStoreOptions {
  readonly milliseconds: number;
  readonly connections: number;
}

/** A store behind a network: each call holds one of a few connections for some time; others wait in line. */
export function slowStore(store: Store, { milliseconds, connections }: SlowStoreOptions): Store {
  let free = connections;
  const line: (() => void)[] = [];

  async function connected<T>(call: () => Promise<T>): Promise<T> {
    if (free === 0) await new Promise<void>((resolve) => line.push(resolve));
    else free--;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const result = await call();
    const next = line.shift();
    if (next === undefined) free++;
    else next();
    return result;
  }

  return mapStore(store, (batch) => (keys) => connected(() => batch(keys)));
}

/** A store that tells of each call. */
export function countingStore(store: Store, onCall: () => void): Store {
  return mapStore(store, (batch) => (keys) => {
    onCall();
    return batch(keys);
  });
}

function mapStore(store: Store, map: (batch: Store[string]) => Store[string]): Store {
  return Object.fromEntries(Object.entries(store).map(([name, batch]) => [name, map(batch)]));
}
