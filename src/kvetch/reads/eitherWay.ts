import { itemAt } from '../../utils/itemAt.ts';
import { chain } from '../shards/chain.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';

/** Reads some requests one way and the others another way: answers in the order of the requests. */
export function eitherWay<TRequest, TOut>(
  requests: readonly TRequest[],
  areSecond: readonly boolean[],
  first: (some: readonly TRequest[]) => Batch<TOut>,
  second: (some: readonly TRequest[]) => Batch<TOut>,
): Batch<TOut> {
  const others = requests.filter((_, at) => areSecond[at] === false);
  if (others.length === 0) return second(requests);
  const ofFirst = first(others);
  const ofSecond = second(requests.filter((_, at) => areSecond[at] === true));
  return chain(ofFirst, (one) =>
    chain(ofSecond, (two) => {
      const next = { one: 0, two: 0 };
      return areSecond.map((isSecond): Entry<TOut> => (isSecond ? itemAt(two, next.two++) : itemAt(one, next.one++)));
    }),
  );
}
