import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { isOrdered } from '../schema/listNumbers.ts';
import { chain } from './chain.ts';
import type { EdgePageRequest } from './pageRequests.ts';
import type { EdgeRow } from './rows.ts';
import type {
  Batch,
  CountRequest,
  EdgeKey,
  EdgePut,
  EdgeStore,
  Entry,
  ReadOptions,
  ScanPage,
  ScanRequest,
  Stamp,
} from './ShardStore.ts';

type Numbered = { readonly edgeId: number };

/** Before the mark of a scan that has come to the second table. */
const SECOND = '+';

/** The edges of a store in two tables: those of ordered lists lie apart, as they have a key in place of a position. */
export class EdgeTables implements EdgeStore {
  readonly #plain: EdgeStore;
  readonly #ordered: EdgeStore;

  constructor(plain: EdgeStore, ordered: EdgeStore) {
    this.#plain = plain;
    this.#ordered = ordered;
  }

  readEdgePages(requests: readonly EdgePageRequest[], options?: ReadOptions): Batch<readonly EdgeRow[]> {
    return this.#each(requests, same, (store, some) => store.readEdgePages(some, options));
  }

  countEdges(requests: readonly CountRequest[], options?: ReadOptions): Batch<number> {
    return this.#each(requests, same, (store, some) => store.countEdges(some, options));
  }

  readEdges(keys: readonly EdgeKey[]): Batch<EdgeRow | null> {
    return this.#each(keys, same, (store, some) => store.readEdges(some));
  }

  putEdges(puts: readonly EdgePut[]): Batch<Stamp | null> {
    return this.#each(
      puts,
      ({ row }) => row,
      (store, some) => store.putEdges(some),
    );
  }

  /** First the one table, then the other. */
  scanEdges(request: ScanRequest): MaybePromise<ScanPage<EdgeRow>> {
    const { after } = request;
    if (after?.startsWith(SECOND)) {
      const own = after === SECOND ? null : after.slice(SECOND.length);
      return chain(this.#ordered.scanEdges({ ...request, after: own }), ({ rows, next }) => ({
        rows,
        next: next === null ? null : SECOND + next,
      }));
    }
    return chain(this.#plain.scanEdges(request), ({ rows, next }) => ({ rows, next: next ?? SECOND }));
  }

  /** A batch for one table, as nearly all are, goes on as it is. */
  #each<TIn, TOut>(
    batch: readonly TIn[],
    numberOf: (one: TIn) => Numbered,
    call: (store: EdgeStore, some: readonly TIn[]) => Batch<TOut>,
  ): Batch<TOut> {
    let ordered = 0;
    for (const one of batch) if (isOrdered(numberOf(one).edgeId)) ordered++;
    if (ordered === 0) return call(this.#plain, batch);
    if (ordered === batch.length) return call(this.#ordered, batch);
    const isOf = (one: TIn): boolean => isOrdered(numberOf(one).edgeId);
    const first = call(
      this.#plain,
      batch.filter((one) => !isOf(one)),
    );
    const second = call(this.#ordered, batch.filter(isOf));
    return chain(first, (plain) =>
      chain(second, (others) => {
        const next = { plain: 0, others: 0 };
        return batch.map(
          (one): Entry<TOut> => (isOf(one) ? itemAt(others, next.others++) : itemAt(plain, next.plain++)),
        );
      }),
    );
  }
}

function same<T>(one: T): T {
  return one;
}
