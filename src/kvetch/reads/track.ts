import type { RecordDependencies } from '../../utils/RecordDependencies.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { ReadExtra } from './KvetchReads.ts';

/** The recorder of a read's dependencies, if there is one. */
export function recorderOf({ changes }: KvetchContext, extra: ReadExtra | undefined): RecordDependencies | null {
  if (extra?.recordsDependencies === false) return null;
  if (extra?.recordDependencies !== undefined) return extra.recordDependencies;
  const record = extra?.recordDependency;
  if (record === undefined) return changes?.recorder(extra?.isOfStep) ?? null;
  return (prefix, names, given) => {
    for (const [at, name] of names.entries()) record(prefix + name, given?.[at]);
  };
}

/**
 * Tells the hooks which rows a batch looked at, and for which of `given` keys: `prefix`, and a name for each that is no
 * error. Costs nothing while nobody listens.
 *
 * @param nameOf - null: each key is its name.
 */
export function track<TKey>(
  context: KvetchContext,
  extra: ReadExtra | undefined,
  prefix: string,
  keys: ReadonlyArray<TKey | Error>,
  nameOf: ((key: TKey) => string) | null,
  given: readonly unknown[] | null = null,
): void {
  const { onRead } = context.hooks;
  const record = recorderOf(context, extra);
  if (onRead === null && record === null) return;
  const names = nameOf === null && areTexts(keys) ? keys : namesOf(keys, nameOf ?? String);
  const isWhole = names.length === keys.length;
  const ofNames = given === null || isWhole ? given : given.filter((_, at) => !(keys[at] instanceof Error));
  if (onRead !== null) for (const name of names) onRead(prefix + name);
  record?.(prefix, names, ofNames);
}

function areTexts(keys: readonly unknown[]): keys is readonly string[] {
  for (let at = 0; at < keys.length; at++) if (typeof keys[at] !== 'string') return false;
  return true;
}

function namesOf<TKey>(keys: ReadonlyArray<TKey | Error>, nameOf: (key: TKey) => string): readonly string[] {
  const names: string[] = [];
  for (const key of keys) if (!(key instanceof Error)) names.push(nameOf(key));
  return names;
}
