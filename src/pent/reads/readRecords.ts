import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import type { ReadExtra } from '../../kvetch/reads/KvetchReads.ts';
import { chain } from '../../kvetch/shards/chain.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context } from '../contract.ts';

type Found = KvetchObject | null | Error;

/** Records by id: null for any other value, and for unknown ids. The store asks for each id once a request. */
export function readRecords(
  { kvetch }: Context,
  ids: readonly unknown[],
  extra?: ReadExtra,
): MaybePromise<readonly Found[]> {
  const wanted = ids.every((id) => typeof id === 'string') ? ids : ids.filter((id) => typeof id === 'string');
  if (wanted.length === ids.length) return kvetch.reads.objects(wanted, extra);
  if (wanted.length === 0) return ids.map(() => null);
  return chain(kvetch.reads.objects(wanted, extra), (found) => {
    let next = 0;
    return ids.map((id): Found => (typeof id === 'string' ? itemAt(found, next++) : null));
  });
}
