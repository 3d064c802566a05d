/** Cuts a list into lists of at most `size`. */
import { itemAt } from '../../utils/itemAt.ts';

export function chunksOf<T>(items: readonly T[], size: number): ReadonlyArray<readonly T[]> {
  if (items.length <= size) return items.length === 0 ? [] : [items];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Runs chunks side by side, at most `window` at a time, and puts their answers together in order. */
export async function inWindow<TIn, TOut>(
  chunks: ReadonlyArray<readonly TIn[]>,
  window: number,
  run: (chunk: readonly TIn[], at: number) => PromiseLike<readonly TOut[]>,
): Promise<readonly TOut[]> {
  const answers: Array<readonly TOut[]> = new Array(chunks.length);
  let next = 0;
  const goOn = async (): Promise<void> => {
    for (let at = next++; at < chunks.length; at = next++) answers[at] = await run(itemAt(chunks, at), at);
  };
  await Promise.all(Array.from({ length: Math.min(window, chunks.length) }, goOn));
  return answers.flat();
}
