import { type List, type ListField, nameOf } from './application.ts';
import type { Entry, Oracle, Place, Viewer } from './Oracle.ts';
import { compareKeys, compareValues, normal, type Spot } from './order.ts';
import { Refused } from './Refused.ts';

export type Arguments = Readonly<Record<string, unknown>>;

/** A list as a field shows it. */
export interface Shown {
  readonly oracle: Oracle;
  readonly viewer: Viewer;
  readonly field: ListField;
  readonly list: List;
  readonly reverse: boolean;
  /** The object that has the list, or the values of an index. */
  readonly of: string | readonly unknown[];
  readonly args: Arguments;
  /** What the viewer may read of it, within the bounds, in the order that is shown. */
  readonly places: readonly Place[];
}

interface Sizes {
  readonly first: number | null;
  readonly last: number | null;
}

type Test = (key: readonly unknown[]) => boolean;

/** The most that a page holds. */
const MOST = 1000;

/** The places of a list that lie within the bounds of a field. */
export function bounded(field: ListField, list: List, args: Arguments, places: readonly Place[]): readonly Place[] {
  const given = field.bounds.filter(({ arg }) => args[arg] != null);
  if (given.length === 0) return places;
  const tests: Test[] = [];
  for (const [at, name] of list.orderBy.map(nameOf).slice(0, given.length).entries()) {
    const bound = given.find(({ attr }) => attr.name === name);
    // those before a range are values
    if (bound === undefined || (bound.isRange && at + 1 < given.length)) throw new Refused('BAD_PAGE');
    const { kind } = bound.attr;
    const value = args[bound.arg];
    tests.push(bound.isRange ? rangeTest(at, kind, value as Arguments) : valueTest(at, kind, value));
  }
  if (given.length > list.orderBy.length) throw new Refused('BAD_PAGE');
  return places.filter(({ key }) => tests.every((test) => test(key)));
}

function valueTest(at: number, kind: Parameters<typeof normal>[0], given: unknown): Test {
  const wanted = normal(kind, given);
  checkText(wanted, 63);
  return (key) => key[at] !== null && compareValues(kind, key[at], wanted) === 0;
}

function rangeTest(at: number, kind: Parameters<typeof normal>[0], given: Arguments): Test {
  const { from = null, to = null, startsWith = null } = given;
  if (startsWith !== null && (from !== null || to !== null)) throw new Refused('BAD_PAGE');
  checkText(startsWith, 64);
  checkText(from, 63);
  checkText(to, 63);
  const start = Buffer.from(String(startsWith));
  return (key) => {
    const own = key[at];
    if (own === null) return false;
    if (startsWith !== null) return Buffer.from(String(own)).subarray(0, start.length).equals(start);
    const isAfter = from === null || compareValues(kind, own, normal(kind, from)) >= 0;
    return isAfter && (to === null || compareValues(kind, own, normal(kind, to)) <= 0);
  };
}

/** The page of a field that is a list of objects. */
export function pageOf(shown: Shown): readonly Place[] {
  const { args, list } = shown;
  const sizes = sizesOf(args, false);
  const [after, before] = [spotOf(shown, args.after), spotOf(shown, args.before)];
  if ((sizes.last === null ? before : after) !== null && list.kind !== 'entries') throw new Refused('BAD_CURSOR');
  if (after === 'nowhere' || before === 'nowhere') return [];
  return cut(shown, sizes, after, before);
}

/** Where an object stands, or stood when the viewer may know that. */
function spotOf({ oracle, viewer, list, of }: Shown, id: unknown): Spot | 'nowhere' | null {
  if (id == null) return null;
  const key = String(id).toLowerCase();
  if (list.kind === 'entries') return { key: [], id: key };
  const member = oracle.readable(viewer, list, of).find((one) => one.id === key);
  if (member !== undefined) return member;
  const place = oracle.places.get(`${list.name} ${of} ${key}`);
  if (place === undefined) return 'nowhere';
  const { policy, attrs } = oracle.type(list.type);
  const told = oracle.told(list);
  const isOpen = policy === 'public' && !attrs.some(({ name, isHidden }) => isHidden && told.includes(name));
  const isKnown = list.kind === 'plain' && oracle.canRead(viewer, oracle.byId.get(key) ?? null);
  return isOpen || isKnown ? { key: place, id: key } : 'nowhere';
}

/** The fields of a connection. */
export function connectionOf(shown: Shown): object {
  const { args, places } = shown;
  const cursorOf = ({ key, id }: Place): string => `cur:${JSON.stringify([sourceOf(shown), key, id])}`;
  const window = (): { readonly sizes: Sizes; readonly shown: readonly Place[]; readonly within: readonly Place[] } => {
    const sizes = sizesOf(args, true);
    const [after, before] = [spotAt(shown, args.after), spotAt(shown, args.before)];
    const within = cut(shown, { first: Number.POSITIVE_INFINITY, last: null }, after, before);
    return { sizes, shown: cut(shown, sizes, after, before), within };
  };
  return {
    totalCount: places.length,
    nodes: () => window().shown.map(({ row }) => row),
    edges: () =>
      window().shown.map((one) => ({ cursor: cursorOf(one), node: one.row, data: one.entry && shownData(one.entry) })),
    pageInfo: () => {
      const { sizes, shown, within } = window();
      const isCut = within.length > shown.length && (sizes.last ?? sizes.first ?? 100) > 0;
      const isLast = sizes.last !== null;
      const [start, end] = [shown[0], shown.at(-1)];
      return {
        hasNextPage: (!isLast && isCut) || args.before != null,
        hasPreviousPage: (isLast && isCut) || args.after != null,
        startCursor: start === undefined ? null : cursorOf(start),
        endCursor: end === undefined ? null : cursorOf(end),
      };
    },
  };
}

/** The list that cursors belong to. */
function sourceOf({ field, list, of }: Shown): string {
  if (list.kind !== 'entries') return `${list.name} ${JSON.stringify(of)}`;
  return `i:${[...new Set(field.lists.map((other) => other.list.name))].sort().join('+')}`;
}

function spotAt(shown: Shown, cursor: unknown): Spot | null {
  if (cursor == null) return null;
  const text = String(cursor);
  if (!text.startsWith('cur:')) throw new Refused('BAD_CURSOR');
  const [own, key, id] = JSON.parse(text.slice(4)) as [string, unknown[], string];
  if (own !== sourceOf(shown)) throw new Refused('BAD_CURSOR');
  return { key, id };
}

/** The part of a list that arguments ask for. `after` and `before` are in the direction that is shown. */
function cut(
  { oracle, list, reverse, places }: Shown,
  { first, last }: Sizes,
  after: Spot | null,
  before: Spot | null,
): readonly Place[] {
  const kinds = oracle.kindsOf(list);
  const turned = (a: Spot, b: Spot): number => compareKeys(kinds, a, b) * (reverse ? -1 : 1);
  const within = places.filter(
    (one) => (after === null || turned(one, after) > 0) && (before === null || turned(one, before) < 0),
  );
  return last !== null ? within.slice(Math.max(0, within.length - last)) : within.slice(0, first ?? 100);
}

function sizesOf(args: Arguments, isStrict: boolean): Sizes {
  const first = (args.first ?? null) as number | null;
  const last = (args.last ?? null) as number | null;
  if (first !== null && last !== null) throw new Refused('BAD_PAGE');
  const size = first ?? last ?? 0;
  if (size < 0 || (isStrict && size > MOST)) throw new Refused('BAD_PAGE');
  return { first: first && Math.min(first, MOST), last: last && Math.min(last, MOST) };
}

function checkText(value: unknown, most: number): void {
  if (typeof value !== 'string') return;
  if (Buffer.byteLength(value) > most || /\p{Surrogate}/u.test(value)) throw new Refused('BAD_PAGE');
}

function shownData({ data }: Entry): Record<string, unknown> | null {
  if (data === null) return null;
  const shown = Object.entries(data).filter(([, value]) => value !== undefined);
  const text = (value: unknown): string => new Date(Number(value)).toISOString();
  return Object.fromEntries(
    shown.map(([name, value]) => [name, name === 'at' && value !== null ? text(value) : value]),
  );
}
