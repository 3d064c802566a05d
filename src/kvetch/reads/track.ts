import type { KvetchContext } from '../KvetchContext.ts';
import type { ReadExtra } from './KvetchReads.ts';

/** Who hears of the dependencies of a read, if anybody does. */
export function recorderOf(extra: ReadExtra | undefined): ReadExtra['recordDependency'] {
  return extra?.recordsDependencies === false ? undefined : extra?.recordDependency;
}

/** Tells the hooks what a batch looked at, and for which of `given` keys. Costs nothing while nobody listens. */
export function track<TKey>(
  { hooks }: KvetchContext,
  extra: ReadExtra | undefined,
  keys: ReadonlyArray<TKey | Error>,
  dependencyKey: (key: TKey) => string,
  given: readonly unknown[] | null = null,
): void {
  const { onRead } = hooks;
  const record = recorderOf(extra);
  if (onRead === null && record === undefined) return;
  keys.forEach((key, at) => {
    if (key instanceof Error) return;
    const dependency = dependencyKey(key);
    onRead?.(dependency);
    record?.(dependency, given?.[at]);
  });
}
