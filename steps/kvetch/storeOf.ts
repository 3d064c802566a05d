import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { KvetchBatching } from '../../src/kvetch/KvetchContext.ts';
import type { KvetchReads } from '../../src/kvetch/reads/KvetchReads.ts';
import type { BatchOptions } from '../load/BatchOptions.ts';
import type { LoadInfo } from '../load/loader.ts';

/** What the Kvetch load steps need of a store: `createKvetch` makes it. */
export interface StoreWithReads {
  readonly reads: KvetchReads;
  /** Whether, and how, requests share calls; see `createKvetch`. */
  readonly batching?: KvetchBatching | null;
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

const sharedStore = (context: KvetchRequestContext): StoreWithReads => context.kvetch;

/** Requests that read from one store share calls when it was made so. */
export function storeBatching(context: Partial<KvetchRequestContext> | null | undefined): BatchOptions | null {
  const batching = context?.kvetch?.batching ?? null;
  return batching === null ? null : { ...batching, sharedContext: sharedStore };
}
