import type { Dependencies, StaleKey } from '../Dependencies.ts';
import { cut } from './cut.ts';
import type { ChangedKey } from './Fetch.ts';

/** The keys that make the data of a query stale, each once for the same data. */
export function changedKeys(dependencies: Dependencies): readonly ChangedKey[] {
  const found = new Map<string, ChangedKey>();
  dependencies.stale((change) => {
    const { key, version, holding } = change;
    const what = nameOf(change);
    found.set(`${key} ${what}`, { what, key, from: holding.version, to: version });
  });
  return [...found.values()];
}

function nameOf({ at, holding: { records, above } }: StaleKey): string {
  if (records === null) return cut(at || 'the whole query', 200);
  const field = above === null ? '' : at.slice(above.length);
  const rest = records.length > 3 ? ` and ${records.length - 3} more` : '';
  const names = records.slice(0, 3).map((record) => cut(record, 60) + field);
  return cut(names.join(', '), 400) + rest;
}
