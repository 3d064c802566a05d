import type { KvetchContext } from '../KvetchContext.ts';
import type { ReadExtra } from './KvetchReads.ts';

/** Who hears of the dependencies of a read, if anybody does. */
export function recorderOf(
  { changes }: KvetchContext,
  extra: ReadExtra | undefined,
): ReadExtra['recordDependency'] | null {
  if (extra?.recordsDependencies === false) return null;
  return extra?.recordDependency ?? changes?.recorder() ?? null;
}

/** Tells the hooks what a batch looked at, and for which of `given` keys. Costs nothing while nobody listens. */
export function track<TKey>(
  context: KvetchContext,
  extra: ReadExtra | undefined,
  keys: ReadonlyArray<TKey | Error>,
  dependencyKey: (key: TKey) => string,
  given: readonly unknown[] | null = null,
): void {
  const { onRead } = context.hooks;
  const record = recorderOf(context, extra);
  if (onRead === null && record === null) return;
  keys.forEach((key, at) => {
    if (key instanceof Error) return;
    const dependency = dependencyKey(key);
    onRead?.(dependency);
    record?.(dependency, given?.[at]);
  });
}
