import { chain } from '../../kvetch/shards/chain.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, Loaded, PentObject, Verdicts } from '../contract.ts';
import { withoutHidden } from '../privacy/hiddenFields.ts';

/** The Pents for records: null for nothing, for unknown types and for objects that the viewer may not read. */
export function admit(
  context: Context,
  records: readonly Loaded[],
): MaybePromise<ReadonlyArray<PentObject | Error | null>> {
  return chain(visible(context, records), (shown) => wrapEach(context, shown));
}

/**
 * Records that the viewer may read, without the fields that it may not see: null is in the place of others. Only these
 * become objects of the viewer's world.
 */
export interface VisibleRecords {
  readonly records: readonly Loaded[];
  readonly made: Verdicts['made'];
}

export function visible(context: Context, records: readonly Loaded[]): MaybePromise<VisibleRecords> {
  const { objectRules, fieldRules } = context.model;
  if (context.seesAll || (objectRules.size === 0 && fieldRules.size === 0)) return { records, made: null };
  return chain(objectRules.size === 0 ? null : context.decide(records), (verdicts): MaybePromise<VisibleRecords> => {
    const { answers = null, made = null } = verdicts ?? {};
    const readable =
      answers === null
        ? records
        : records.map((record, at) => (record instanceof Error || answers[at] === true ? record : null));
    if (fieldRules.size === 0) return { records: readable, made };
    return chain(withoutHidden(context, readable), (shown) => ({ records: shown, made }));
  });
}

/** The Pents for records, with errors in their places. */
export function wrapEach(
  context: Context,
  { records, made }: VisibleRecords,
): ReadonlyArray<PentObject | Error | null> {
  return (
    context.wrapFirst([records], undefined, made)?.[0] ??
    records.map((record, at) =>
      record == null || record instanceof Error ? (record ?? null) : context.wrap(record, made?.[at]),
    )
  );
}
