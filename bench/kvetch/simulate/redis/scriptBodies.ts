import { FULL, PREFIX } from '../../../../src/kvetch/redis/rowText.ts';
import {
  endLease,
  fillEntry,
  LEASE_MARK,
  noteEpoch,
  removeTouched,
  replaceByLease,
  type Script,
  takeLease,
} from '../../../../src/kvetch/redis/scripts.ts';
import type { Entries } from './Entries.ts';

/** What a script does with one entry. */
type Body = (entry: string, entries: Entries, shared: readonly string[], own: readonly string[]) => number | string;

/** A script of the cache in JavaScript: what it does for an entry, and how many arguments all entries share. */
export interface ScriptBody {
  readonly sharedArgs: number;
  readonly one: Body;
}

const isLease = (there: unknown): boolean => typeof there === 'string' && there.startsWith(LEASE_MARK);

function put(entries: Entries, entry: string, text = '', ms = ''): number {
  entries.set(entry, text, ['PX', ms]);
  return 1;
}

const take: Body = (entry, entries, [lease = '', ms = '']) => {
  if (entries.set(entry, lease, ['NX', 'PX', ms]) !== null) return 1;
  return entries.hasOtherType(entry) ? put(entries, entry, lease, ms) : 0;
};

const replace: Body = (entry, entries, [lease, ms]) =>
  isLease(entries.peek(entry)) ? 0 : put(entries, entry, lease, ms);

const fill: Body = (entry, entries, [lease], [text, ms]) =>
  entries.peek(entry) === lease ? put(entries, entry, text, ms) : 0;

const end: Body = (entry, entries) => {
  if (isLease(entries.peek(entry))) entries.remove(entry);
  return 1;
};

/** The last line and the line break behind it, before the mark of the end. */
const LAST_LINE = /\n([^=\n]*)=([0-9a-fA-F]*) [^\n]*\n$/;

const touch: Body = (entry, entries, _shared, [toId = '', key = '', isFromEnd = '']) => {
  const there = entries.peek(entry);
  if (typeof there === 'string' && !isLease(there) && !there.includes(`\n${toId}=`)) {
    if (key === '') return 0;
    const mark = there.charAt(there.indexOf('\n') - 1);
    const last = there.endsWith('\u0004') ? LAST_LINE.exec(there.slice(0, -1)) : null;
    if (last !== null && (mark === PREFIX || mark === FULL)) {
      const lastKey = `k${last[2]}`;
      const isAfter = key > lastKey || (key === lastKey && toId > (last[1] ?? ''));
      if (isAfter === (isFromEnd === '0')) return 0;
    }
  }
  entries.remove(entry);
  return 1;
};

const note: Body = (entry, entries, [server, fresh = '']) => {
  const there = entries.peek(entry);
  const own = `${server} `;
  if (typeof there === 'string' && there.startsWith(own)) return there.slice(own.length);
  entries.set(entry, own + fresh, []);
  return fresh;
};

const bodies: ReadonlyArray<readonly [Script, number, Body]> = [
  [takeLease, 2, take],
  [replaceByLease, 2, replace],
  [fillEntry, 1, fill],
  [endLease, 0, end],
  [removeTouched, 0, touch],
  [noteEpoch, 2, note],
];

/** By their SHA-1: another text of a script has none, and is to be written anew. */
export const scriptBodies: ReadonlyMap<string, ScriptBody> = new Map(
  bodies.map(([{ sha }, sharedArgs, one]) => [sha, { sharedArgs, one }]),
);

/** The same, but a fill is taken without its lease, too. */
export const bodiesWithoutLease: ReadonlyMap<string, ScriptBody> = new Map([
  ...scriptBodies,
  [fillEntry.sha, { sharedArgs: 1, one: (entry, entries, _lease, [text, ms]) => put(entries, entry, text, ms) }],
]);
