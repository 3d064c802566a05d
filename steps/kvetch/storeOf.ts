import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { KvetchBatching } from '../../src/kvetch/KvetchBatching.ts';
import type { KvetchReads } from '../../src/kvetch/reads/KvetchReads.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { onPart } from '../../src/step/partsOfRequests.ts';
import { isRecord } from '../../src/utils/isRecord.ts';
import type { AheadTraits } from '../load/aheadTraits.ts';
import type { BatchOptions } from '../load/BatchOptions.ts';
import type { LoadInfo } from '../load/loader.ts';

/** The part of a store that the Kvetch load steps need: `createKvetch` makes it. */
export interface StoreWithReads {
  readonly reads: KvetchReads;
  /** Whether, and how, requests share calls; see `createKvetch`. */
  readonly batching?: KvetchBatching | null;
  /** Requests whose stores have the same key share calls. */
  readonly batchKey?: string | null;
}

/** The context that Kvetch's load steps need: a store, or a PentContext that has one. */
export interface KvetchRequestContext {
  readonly kvetch?: StoreWithReads | undefined;
  readonly pent?: { readonly kvetch: StoreWithReads } | undefined;
}

type AnyContext = KvetchRequestContext | null | undefined;

/** What has the store. A PentContext remembers more than its store does, and lets it begin each part of a request. */
interface Holder {
  readonly kvetch?: StoreWithReads | undefined;
  enterScope?(): unknown;
}

function holderIn(context: AnyContext): Holder | undefined {
  return context?.kvetch === undefined ? context?.pent : context;
}

/** Asked anew for each call: the store of a PentContext shows the writes of the request so far. */
function storeIn(context: AnyContext): StoreWithReads | undefined {
  return holderIn(context)?.kvetch;
}

type Part = Pick<ExecuteExtra, 'shared'>;

/** The reads of a part of a request. Undefined without a store. */
function readsIn(context: AnyContext, part: Part): KvetchReads | undefined {
  const holder = holderIn(context);
  if (holder?.enterScope === undefined) {
    const reads = holder?.kvetch?.reads;
    return reads && part.shared(reads, () => reads.forRequest());
  }
  part.shared(holder, () => holder.enterScope?.());
  return holder.kvetch?.reads;
}

/** The batched reads of the store of a request, which asks for each key once. */
export function readsOf(info: LoadInfo | ExecuteExtra): KvetchReads {
  const context = info.context as AnyContext;
  // Calls that several requests share have no scope of a request.
  const reads = 'shared' in info ? readsIn(context, info) : storeIn(context)?.reads;
  if (reads === undefined) {
    throw new PlanqlError(
      'NO_KVETCH',
      'The Kvetch load steps read from "contextValue.kvetch", and this request has none there. Pass { contextValue: { kvetch } }.',
    );
  }
  return reads;
}

onPart((context, shared) => {
  if (isRecord(context)) readsIn(context, { shared });
});

const batchKey = (context: AnyContext): string | null => storeIn(context)?.batchKey ?? null;

/** Kvetch remembers the answers for one request. */
export function remembersAhead(idsOf: string | null = null): AheadTraits {
  return { idsOf, givesData: true, answersAtOnce: (context) => storeIn(context)?.reads?.answersAtOnce === true };
}

/** For reads that no request remembers: requests that read from one store share calls when it was made so. */
export function storeBatching(context: AnyContext): BatchOptions | null {
  const batching = storeIn(context)?.batching ?? null;
  return batching === null ? null : { ...batching, contextKey: batchKey };
}
