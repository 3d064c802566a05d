import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import { chain } from '../../kvetch/shards/chain.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, PentObject } from '../contract.ts';
import { isRestricted, readable } from '../privacy/readability.ts';

export type Loaded = KvetchObject | Error | null | undefined;

/** The Pents for records: null for nothing, for unknown types and for what the viewer may not read. */
export function admit(
  context: Context,
  records: ReadonlyArray<Loaded>,
): MaybePromise<ReadonlyArray<PentObject | Error | null>> {
  const pents = new Array<PentObject | Error | null>(records.length);
  let last: unknown = null;
  let mayHide = false;
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? null;
    const pent = record === null || record instanceof Error ? record : context.wrap(record);
    pents[at] = pent;
    if (pent === null || pent.constructor === last) continue;
    last = pent.constructor;
    mayHide ||= isRestricted(context, last);
  }
  if (!mayHide) return pents;
  const subjects = pents.map((pent) => (pent instanceof Error ? null : pent));
  return chain(readable(context, subjects), (verdicts) =>
    verdicts === null ? pents : pents.map((pent, at) => (pent instanceof Error || verdicts[at] === true ? pent : null)),
  );
}
