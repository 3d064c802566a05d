import type { Store } from './Workload.ts';

/** Calls a batch function of a store. */
export function ask(store: Store, name: string, keys: readonly unknown[]): Promise<readonly unknown[]> {
  const batch = store[name];
  if (batch === undefined) throw new Error(`The store has no batch function "${name}".`);
  return batch(keys);
}
