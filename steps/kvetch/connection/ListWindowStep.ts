import { SafeError } from '../../../src/errors/SafeError.ts';
import { flag, integer, type ParamShapes, textOrNull, texts } from '../../../src/step/paramShapes.ts';
import type { Step as AnyStep } from '../../../src/step/Step.ts';
import { Step } from '../../../src/step/Step.ts';
import { type Failure, fail } from '../../../src/step/signals.ts';
import { readListCursor } from './listCursors.ts';

const NAMES = ['first', 'last', 'before', 'after', 'reverse'] as const;

/** The options that all connections over a list share. */
export interface WindowOptions {
  /** Of lists in order of id: the prefix of their cursors. Null: lists of edges. */
  readonly mark: string | null;
  /** Whether the store reads the list from its end too. */
  readonly reverse: boolean;
  /** The value of `first` where the client gives none. */
  readonly defaultFirst: number;
  /** The largest `first` and `last`. */
  readonly maxFirst: number;
}

/** The part of a list that a connection shows. */
export interface ListWindow {
  /** How many entries. */
  readonly first: number;
  /** How many objects to ask for: one more where it is asked whether one follows. */
  readonly limit: number;
  /** Begin behind this cursor, in the direction of reading. */
  readonly after: string | null;
  /** Stop before this cursor. */
  readonly until: string | null;
  /** Whether it is read from the end of the list. */
  readonly reverse: boolean;
  /** Whether it is the last part of what is asked for: it is shown in the order opposite to that of reading. */
  readonly isLast: boolean;
  readonly wantsNext: boolean;
}

/** Represents the part of a list that a connection's arguments ask for. Yields it; fails for arguments that make no sense. */
export class ListWindowStep extends Step<ListWindow> {
  static override readonly op = 'kvetch.window';
  static override readonly paramShapes: ParamShapes = {
    names: { type: 'array', items: { enum: NAMES } },
    mark: textOrNull,
    reverse: flag,
    defaultFirst: integer,
    maxFirst: integer,
    wants: texts,
  };
  declare params: WindowOptions & { readonly names: readonly string[]; readonly wants: readonly string[] } & Record<
      string,
      unknown
    >;
  override readonly isSync = true;
  /** Plan time only: the operation asks whether there are more entries behind, or before, the page. */
  readonly #wants = new Set<string>();

  constructor($args: Readonly<Record<string, AnyStep | undefined>>, options: WindowOptions) {
    super();
    const names = NAMES.filter((name) => $args[name] !== undefined);
    for (const name of names) this.addGlobalDependency($args[name] as AnyStep);
    this.params = { names, ...options, wants: [] };
  }

  /** Loads by the arguments may start with the request. */
  override get isPure(): boolean {
    return true;
  }

  want(answer: 'hasNextPage' | 'hasPreviousPage'): void {
    this.#wants.add(answer);
  }

  override deduplicatedWith(peer: Step): void {
    if (peer instanceof ListWindowStep) for (const answer of this.#wants) peer.#wants.add(answer);
  }

  override finalize(): void {
    this.params = { ...this.params, wants: [...this.#wants].sort() };
  }

  override execute(count: number, values: readonly unknown[]): ReadonlyArray<ListWindow | Failure> {
    const { names, wants } = this.params;
    const args = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    return new Array<ListWindow | Failure>(count).fill(attempt(args, this.params, wants));
  }
}

type Args = Readonly<Partial<Record<(typeof NAMES)[number], unknown>>>;

function attempt(args: Args, options: WindowOptions, wants: readonly string[]): ListWindow | Failure {
  try {
    return windowOf(args, options, wants);
  } catch (error) {
    return fail(error);
  }
}

function windowOf(args: Args, options: WindowOptions, wants: readonly string[]): ListWindow {
  const first = amount('first', args.first, options.maxFirst);
  const last = amount('last', args.last, options.maxFirst);
  if (first !== null && last !== null) throw badPage('"first" and "last" cannot be combined.');
  const after = place('after', args.after, options.mark);
  const before = place('before', args.before, options.mark);
  if (!options.reverse && (last !== null || before !== null)) {
    const name = last === null ? 'before' : 'last';
    throw badPage(`"${name}" cannot be used here: this list is read from its beginning only. Use "first" and "after".`);
  }
  const isLast = last !== null;
  const reverse = isLast !== turned(args.reverse, options);
  const size = last ?? first ?? options.defaultFirst;
  // A page from the end goes on with the entries before it.
  const wantsNext = size > 0 && wants.includes(isLast ? 'hasPreviousPage' : 'hasNextPage');
  const [from, until] = isLast ? [before, after] : [after, before];
  return { first: size, limit: wantsNext ? size + 1 : size, after: from, until, reverse, isLast, wantsNext };
}

function turned(given: unknown, { reverse }: WindowOptions): boolean {
  if (given === null || given === undefined || given === false) return false;
  if (given !== true) throw badPage('"reverse" must be true or false.');
  if (!reverse) throw badPage('"reverse" cannot be used here: this list is read from its beginning only.');
  return true;
}

function amount(name: string, value: unknown, most: number): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw badPage(`"${name}" must be a whole number that is not negative.`);
  }
  if (value > most) throw badPage(`"${name}" is ${value}, and may be ${most} at the most.`);
  return value;
}

function place(name: string, cursor: unknown, mark: string | null): string | null {
  if (cursor === null || cursor === undefined) return null;
  const found = readListCursor(cursor, mark);
  if (found === null) throw new SafeError(`"${name}" is not a cursor of this connection.`, { code: 'BAD_CURSOR' });
  return found;
}

function badPage(message: string): SafeError {
  return new SafeError(message, { code: 'BAD_PAGE' });
}
