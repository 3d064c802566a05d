import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { chain, chainAll, isPromise } from './chain.ts';
import type {
  Batch,
  EdgeStore,
  Entry,
  EntryStore,
  MixedAnswers,
  MixedOptions,
  MixedReads,
  ObjectStore,
} from './ShardStore.ts';

/** Asks for each kind by the method that reads it alone; a kind that fails does not fail the others. */
export function readEachKind(
  store: ObjectStore & EdgeStore & EntryStore,
  { objects, pages, counts, entries }: MixedReads,
  options: MixedOptions = {},
): MaybePromise<MixedAnswers> {
  const lists = [
    ask(objects, () => store.readObjects(objects, options.objects)),
    ask(pages, () => store.readEdgePages(pages, options.pages)),
    ask(counts, () => store.countEdges(counts, options.counts)),
    ask(entries, () => store.readEntryPages(entries, options.entries)),
  ];
  return chain(chainAll<unknown>(lists), (answers) => {
    const [ofObjects, ofPages, ofCounts, ofEntries] = answers;
    return { objects: ofObjects, pages: ofPages, counts: ofCounts, entries: ofEntries } as MixedAnswers;
  });
}

function ask<T>(keys: readonly unknown[], read: () => Batch<T>): Batch<T> {
  if (keys.length === 0) return [];
  const failed = (cause: unknown): ReadonlyArray<Entry<T>> => {
    const error = cause instanceof Error ? cause : new Error('A store failed.', { cause });
    return new Array<Entry<T>>(keys.length).fill(error);
  };
  try {
    const answers = read();
    return isPromise(answers) ? answers.then(undefined, failed) : answers;
  } catch (cause) {
    return failed(cause);
  }
}
