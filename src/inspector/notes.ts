import { propertiesOf } from '../utils/propertiesOf.ts';
import { cut } from './cut.ts';
import type { Effect, InvalidationRecord, Told } from './records.ts';

/** A note of one server to the others on a batch of changes: its origin, its watchers, its effects. */
export type Note =
  | ({ readonly t: 'made'; readonly server: string } & Pick<
      InvalidationRecord,
      'id' | 'at' | 'name' | 'operation' | 'flushMs' | 'kinds'
    >)
  | {
      readonly t: 'told';
      readonly id: string;
      readonly server: string;
      readonly at: number;
      readonly told: Omit<Told, 'at'>;
    }
  | { readonly t: 'effect'; readonly id: string; readonly effect: Effect };

const MAX_CHARS = 1 << 20;
const MAX_NOTES = 1000;

/** Reads the notes of another server. Unreadable ones are left out: another version may have sent them. */
export function toNotes(text: string): readonly Note[] {
  if (text.length > MAX_CHARS) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(list) ? list.slice(0, MAX_NOTES).flatMap((one) => toNote(one) ?? []) : [];
}

function toNote(given: unknown): Note | null {
  const { t, id, server, at, name, operation, flushMs, kinds, told, effect } = propertiesOf(given);
  if (typeof id !== 'string') return null;
  if (t === 'effect') {
    const one = toEffect(effect);
    return one === null ? null : { t, id, effect: one };
  }
  if (typeof server !== 'string' || typeof at !== 'number') return null;
  const from = cut(server, 100);
  if (t === 'made') {
    const names = { name: textOf(name), operation: textOf(operation) };
    return { t, id, server: from, at, ...names, flushMs: numberOf(flushMs), kinds: countsOf(kinds) };
  }
  if (t !== 'told') return null;
  const { session = 0, poll = 0, live = 0, other = 0 } = countsOf(told);
  return { t, id, server: from, at, told: { session, poll, live, other } };
}

function toEffect(given: unknown): Effect | null {
  const { server, kind, name, operation, ms } = propertiesOf(given);
  if (typeof server !== 'string' || (kind !== 'refetch' && kind !== 'live')) return null;
  return {
    ...{ server: cut(server, 100), kind, name: textOf(name) ?? '' },
    ...{ operation: textOf(operation) ?? '', ms: numberOf(ms) ?? 0 },
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? cut(value, 200) : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function countsOf(value: unknown): Readonly<Record<string, number>> {
  const counts = Object.entries(propertiesOf(value)).slice(0, 10);
  return Object.fromEntries(
    counts.flatMap(([name, count]) => (typeof count === 'number' ? [[cut(name, 20), count]] : [])),
  );
}
