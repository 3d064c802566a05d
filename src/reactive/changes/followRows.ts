import { followChanges } from '../external/followChanges.ts';
import type { Invalidator } from '../Invalidator.ts';
import { FollowError } from './errors.ts';
import { type Batch, keysOfBatch, type RowOptions } from './RowChange.ts';

/** The options of `followRows`. */
interface FollowRowsOptions<TBatch> extends Required<RowOptions> {
  /** Notes that a batch was told. */
  readonly onTold: (batch: TBatch) => unknown;
  readonly signal: AbortSignal;
}

/** Follows a source of changed rows. A `FollowError` of the source ends it, and the promise is rejected with it. */
export async function followRows<TBatch extends Batch>(
  invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>,
  open: () => AsyncIterable<TBatch>,
  { keysOf, onTold, onError, signal }: FollowRowsOptions<TBatch>,
): Promise<void> {
  let fatal: unknown = null;

  async function* untilFatal(): AsyncGenerator<TBatch, void> {
    try {
      yield* open();
    } catch (error) {
      if (!(error instanceof FollowError)) throw error;
      fatal = error;
    }
  }

  await followChanges(invalidator, untilFatal, {
    keysOf: (batch) => keysOfBatch(batch, { keysOf, onError }),
    ...{ onTold, onError, signal },
  });
  if (fatal !== null) throw fatal;
}
