import { errorOf } from '../../errors/errorOf.ts';
import { appendAll } from '../../utils/appendAll.ts';
import { chunksOf } from '../shards/chunks.ts';
import type { Entry } from '../shards/ShardStore.ts';

/** More begin when these have ended: a transaction must not hold its locks for long. */
const MAX_PART = 1000;

/**
 * Makes many writes, each for itself. What writes of one turn of the event loop ask and send goes to a server together, so
 * a thousand cost it a few statements.
 */
export async function inParts<TIn, TOut>(
  requests: readonly TIn[],
  write: (request: TIn) => Promise<TOut>,
): Promise<ReadonlyArray<Entry<TOut>>> {
  const answers: Entry<TOut>[] = [];
  for (const part of chunksOf(requests, MAX_PART)) {
    appendAll(answers, await Promise.all(part.map((request) => write(request).catch(errorOf))));
  }
  return answers;
}
