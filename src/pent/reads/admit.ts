import { chain } from '../../kvetch/shards/chain.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, Loaded, PentObject } from '../contract.ts';
import { readable } from '../privacy/readability.ts';

/** The Pents for records: null for nothing, for unknown types and for objects that the viewer may not read. */
export function admit(
  context: Context,
  records: readonly Loaded[],
): MaybePromise<ReadonlyArray<PentObject | Error | null>> {
  return hide(context, records, wrapAll(context, records));
}

/** The Pents for records, with errors in their places. */
function wrapAll(context: Context, records: readonly Loaded[]): ReadonlyArray<PentObject | Error | null> {
  return context.wrapFirst([records])?.[0] ?? wrapEach(context, records);
}

/** The same where records must be looked at one by one. */
export function wrapEach(context: Context, records: readonly Loaded[]): ReadonlyArray<PentObject | Error | null> {
  return records.map((record) => (record == null || record instanceof Error ? (record ?? null) : context.wrap(record)));
}

/** The Pents of records without those that the viewer may not read. */
export function hide<TEntry extends PentObject | Error | null>(
  context: Context,
  records: readonly Loaded[],
  pents: readonly TEntry[],
): MaybePromise<ReadonlyArray<TEntry | null>> {
  if (!mayHideAny(context, records)) return pents;
  const subjects = pents.map((pent: PentObject | Error | null) => (pent instanceof Error ? null : pent));
  return chain(readable(context, subjects), (verdicts) =>
    verdicts === null ? pents : pents.map((pent, at) => (pent instanceof Error || verdicts[at] === true ? pent : null)),
  );
}

function mayHideAny(context: Context, records: readonly Loaded[]): boolean {
  if (!context.isRestricted || context.model.restricted.size === 0) return false;
  let last = -1;
  for (const record of records) {
    if (record == null || record instanceof Error || record.typeId === last) continue;
    last = record.typeId;
    if (context.model.restricted.has(context.model.find(last))) return true;
  }
  return false;
}
