import type { Entry } from '../shards/ShardStore.ts';

/** Pages in the order in which they were asked for: they come in that of their lists. */
export async function inTurn<TRow>(
  requests: ReadonlyArray<{ readonly reverse?: boolean }>,
  pages: Promise<ReadonlyArray<Entry<readonly TRow[]>>>,
): Promise<ReadonlyArray<Entry<readonly TRow[]>>> {
  if (!requests.some(({ reverse }) => reverse === true)) return pages;
  return (await pages).map((page, at) =>
    requests[at]?.reverse === true && !(page instanceof Error) ? page.toReversed() : page,
  );
}
