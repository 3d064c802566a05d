import type { KvetchContext } from '../KvetchContext.ts';
import type { ReadExtra } from './KvetchReads.ts';

/** Tells the hooks what a batch looked at. Costs nothing while nobody listens. */
export function track<TKey>(
  { hooks }: KvetchContext,
  extra: ReadExtra | undefined,
  keys: ReadonlyArray<TKey | Error>,
  dependencyKey: (key: TKey) => string,
): void {
  const { onRead } = hooks;
  const record = extra?.recordDependency;
  if (onRead === null && record === undefined) return;
  for (const key of keys) {
    if (key instanceof Error) continue;
    const dependency = dependencyKey(key);
    onRead?.(dependency);
    record?.(dependency);
  }
}
