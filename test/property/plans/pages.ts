import { SafeError } from 'planql';
import { Exit, Failure } from '../../../src/step/signals.ts';

/** The arguments of a connection. */
export type PageArguments = Readonly<Partial<Record<(typeof pageArguments)[number], unknown>>>;

export const pageArguments = ['first', 'last', 'before', 'after', 'offset'] as const;

/** What a cursor names: a position in the list, or the key of a row. */
export type CursorKind = 'position' | 'key';

export function cursorFor(kind: CursorKind, place: unknown): string {
  return Buffer.from(JSON.stringify([kind === 'position' ? 'p' : 'c', place])).toString('base64url');
}

function placeOf(kind: CursorKind, cursor: unknown): unknown {
  try {
    const [mark, place] = JSON.parse(Buffer.from(cursor as string, 'base64url').toString());
    if (kind === 'key') return mark === 'c' && typeof place === 'string' ? place : null;
    return mark === 'p' && Number.isSafeInteger(place) && place >= 0 ? place : null;
  } catch {
    return null;
  }
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

/** Says what is wrong with the arguments, as clients see it; null where they make sense. */
export function problemOf(args: PageArguments, kind: CursorKind): string | null {
  for (const name of ['first', 'last', 'offset'] as const) {
    const value = args[name];
    if (isGiven(value) && !(Number.isSafeInteger(value) && (value as number) >= 0))
      return `"${name}" must be a whole number that is not negative.`;
  }
  if (isGiven(args.first) && isGiven(args.last)) return '"first" and "last" cannot be combined.';
  if (isGiven(args.last) && Number(args.offset ?? 0) > 0) return '"offset" and "last" cannot be combined.';
  for (const name of ['after', 'before'] as const) {
    if (isGiven(args[name]) && placeOf(kind, args[name]) === null)
      return `"${name}" is not a cursor of this connection.`;
  }
  return null;
}

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** The page of a list of so many items. `keys`: those of its rows, where cursors name them. */
function cut(args: PageArguments, length: number, keys: readonly unknown[] | null): Cut {
  const { first, last, offset } = args as { readonly [name: string]: number | null | undefined };
  const kind = keys === null ? 'position' : 'key';
  const indexOf = (cursor: unknown): number => {
    const place = placeOf(kind, cursor);
    return keys === null ? (place as number) : keys.indexOf(place);
  };
  const low = (isGiven(args.after) ? indexOf(args.after) + 1 : 0) + (offset ?? 0);
  const hasBefore = isGiven(args.before);
  let high = length;
  if (hasBefore) {
    const before = indexOf(args.before);
    // A position is taken to be there; a key that is not there ends nothing.
    if (keys === null || before >= 0) high = Math.max(low, before);
  }
  let start = Math.min(low, high);
  let end = high;
  if (isGiven(first)) end = Math.min(high, start + (first as number));
  if (isGiven(last)) start = Math.max(start, high - (last as number));
  const isCutBefore = isGiven(last) && start > low;
  const hasAfter = keys === null ? low > 0 : isGiven(args.after) || (offset ?? 0) > 0;
  return {
    start,
    end,
    hasNextPage: hasBefore || (isGiven(first) && end < length),
    hasPreviousPage: hasAfter || isCutBefore,
  };
}

/** What a connection is made of: parts are made for who asks. */
export interface PageSource {
  readonly args: PageArguments;
  readonly cursors: CursorKind;
  /** The whole list; null where there is none. */
  list(): Promise<readonly unknown[] | null>;
  totalCount(): Promise<unknown>;
}

/** A connection, whose parts are functions. Items are as the list has them. */
export class Pages {
  readonly #source: PageSource;

  constructor(source: PageSource) {
    this.#source = source;
  }

  async #page(): Promise<{
    readonly items: readonly unknown[];
    readonly cut: Cut;
    cursorAt(at: number): string;
  } | null> {
    const { args, cursors } = this.#source;
    const all = await this.#source.list();
    if (all === null) return null;
    const keys = cursors === 'key' ? all.map((row) => (row as { id: unknown }).id) : null;
    const found = cut(args, all.length, keys);
    const items = all.slice(found.start, found.end);
    return { items, cut: found, cursorAt: (at) => cursorFor(cursors, keys === null ? at : keys[at]) };
  }

  async nodes(): Promise<unknown> {
    return (await this.#page())?.items ?? null;
  }

  async edges(): Promise<unknown> {
    const page = await this.#page();
    if (page === null) return null;
    return page.items.map((node, at) => {
      if (node instanceof Exit) return null;
      if (node instanceof Failure || node instanceof Error) return node;
      return { node, cursor: page.cursorAt(page.cut.start + at) };
    });
  }

  async pageInfo(): Promise<unknown> {
    const page = await this.#page();
    if (page === null) return null;
    const { hasNextPage, hasPreviousPage, start } = page.cut;
    const isEmpty = page.items.length === 0;
    // `before` may name a place behind the last row.
    const endCursor = isEmpty ? null : page.cursorAt(start + page.items.length - 1);
    return { hasNextPage, hasPreviousPage, startCursor: isEmpty ? null : page.cursorAt(start), endCursor };
  }

  totalCount(): Promise<unknown> {
    return this.#source.totalCount();
  }
}

export function checked(args: PageArguments, kind: CursorKind): void {
  const problem = problemOf(args, kind);
  if (problem !== null) throw new SafeError(problem);
}
