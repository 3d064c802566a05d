import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, PentObject } from '../contract.ts';
import { readable } from '../privacy/readability.ts';

export type Loaded = KvetchObject | Error | null | undefined;

/** The Pents for records: null for nothing, for unknown types and for what the viewer may not read. */
export function admit(
  context: Context,
  records: ReadonlyArray<Loaded>,
): MaybePromise<ReadonlyArray<PentObject | Error | null>> {
  const pents = new Array<PentObject | Error | null>(records.length);
  const subjects = new Array<PentObject | null>(records.length);
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? null;
    const isError = record instanceof Error;
    const pent = record === null || isError ? null : context.wrap(record);
    subjects[at] = pent;
    pents[at] = isError ? record : pent;
  }
  const answers = readable(context, subjects);
  const join = (verdicts: readonly boolean[] | null): ReadonlyArray<PentObject | Error | null> =>
    verdicts === null ? pents : pents.map((pent, at) => (pent instanceof Error || verdicts[at] === true ? pent : null));
  return isPromiseLike(answers) ? answers.then(join) : join(answers);
}
