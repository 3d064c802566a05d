import type { ApplicationRun } from './ApplicationRun.ts';
import type { List } from './application.ts';
import type { Data } from './data.ts';
import type { Row } from './Oracle.ts';
import { normal } from './order.ts';

/** What is done with an entry of a plain edge. */
export interface EntryWrite {
  readonly list: List;
  readonly from: Row;
  readonly to: Row;
  readonly isAdd: boolean;
  /** Null where entries of the list have none. */
  readonly data: Data | null;
}

export function pickPlain({ random, application }: ApplicationRun): List | null {
  const all = application.lists.filter(({ kind }) => kind === 'plain');
  return all.length === 0 ? null : random.pick(all);
}

/** Null where an end is missing. */
export function pickEntry(run: ApplicationRun, list: List): Pick<EntryWrite, 'list' | 'from' | 'to'> | null {
  const [from, to] = [pickEnd(run, list.from), pickEnd(run, list.type)];
  return from === null || to === null ? null : { list, from, to };
}

/** Mostly one of a few objects, so that entries meet. */
function pickEnd({ random, oracle }: ApplicationRun, name: string): Row | null {
  const fitting = oracle.rows.filter((row) => row.type.name === name);
  const own = random.chance(0.9) ? fitting.filter((row) => oracle.isThere(row)) : fitting;
  if (own.length === 0) return null;
  return random.chance(0.6) ? (own[random.below(Math.min(3, own.length))] as Row) : random.pick(own);
}

export function entryData({ random }: ApplicationRun, { data }: List): Data | null {
  if (data.length === 0) return null;
  return {
    rank: random.pick([0, 1, 2, -1, 2147483647]),
    ...(random.chance(0.7) && { price: random.pick([0, 1.5, -1.5, 0.1, null]) }),
    ...(random.chance(0.6) && { text: random.pick(['', 'a', 'b', 'é', null]) }),
    ...(random.chance(0.5) && { at: random.pick(['1970-01-01T00:00:00.000Z', '2026-01-31T12:00:00.000Z', null]) }),
  };
}

/** Tells the oracle of an entry, and of its inverse. */
export function putEntries(run: ApplicationRun, write: EntryWrite): void {
  putEntry(run, write);
  const { list, from, to } = write;
  if (list.inverse !== null) putEntry(run, { ...write, list: run.listNamed(list.inverse), from: to, to: from });
}

export function putEntry({ oracle }: ApplicationRun, { list, from, to, isAdd, data }: EntryWrite): void {
  oracle.tick++;
  const own = oracle.entries.find((one) => one.list === list && one.from === from.id && one.to === to.id);
  if (!isAdd) {
    if (own) own.isLive = false;
    // a tombstone has a place
    else if (list.orderBy.length === 0) oracle.places.set(`${list.name} ${from.id} ${to.id}`, [oracle.tick]);
    return;
  }
  const kept = data && normalData(list, data);
  const entry = own ?? { list, from: from.id, to: to.id, data: kept, pos: oracle.tick, isLive: false };
  if (own === undefined) oracle.entries.push(entry);
  if (!entry.isLive) entry.pos = oracle.tick;
  entry.isLive = true;
  entry.data = kept;
  oracle.remember();
}

function normalData(list: List, data: Data): Data {
  const kindOf = (name: string): List['data'][number]['kind'] =>
    (list.data.find((one) => one.name === name) as List['data'][number]).kind;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, normal(kindOf(name), value)]));
}
