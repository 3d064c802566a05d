import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { KvetchReads } from '../../src/kvetch/reads/KvetchReads.ts';
import type { LoadInfo } from '../load/loader.ts';

/** What the Kvetch load steps need of a store: `createKvetch` makes it. */
export interface StoreWithReads {
  readonly reads: KvetchReads;
}

/** What a request's context must hold for the Kvetch load steps. */
export interface KvetchRequestContext {
  readonly kvetch: StoreWithReads;
}

/** The batched reads of the store of a request. */
export function readsOf({ context }: LoadInfo): KvetchReads {
  const store = (context as Partial<KvetchRequestContext> | null | undefined)?.kvetch;
  if (store?.reads === undefined) {
    throw new PlanqlError(
      'NO_KVETCH',
      'The Kvetch load steps read from "contextValue.kvetch", and this request has none there. Pass { contextValue: { kvetch } }.',
    );
  }
  return store.reads;
}
