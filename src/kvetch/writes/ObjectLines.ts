import { errorOf } from '../../errors/errorOf.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { BodyTooLargeError, ConflictError } from '../errors.ts';
import { attempt } from '../reads/attempt.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Entry } from '../shards/ShardStore.ts';
import type { ObjectChange } from './ObjectChange.ts';

/** How the row of an object is read and written. */
export interface RowAccess {
  /** The live row as the store has it, or a `NotFoundError`. */
  read(): Promise<ObjectRow>;
  /** Whether the row had the version, and is replaced by the result of the changes. */
  replace(changes: readonly ObjectChange[], expectedVersion: number): Promise<Entry<boolean>>;
  /** Replaces the current row by the result of the planned changes, while nobody can change it. Whether there were any. */
  rewrite(plan: (row: ObjectRow) => readonly ObjectChange[]): Promise<Entry<boolean>>;
  /** The error of a change for which the store gave no answer in so many milliseconds. */
  silent(waitMs: number): Error;
}

/** A change of an object that stands in line. */
export interface LinedChange {
  readonly verb: 'update' | 'delete';
  readonly rows: RowAccess;
  /** For how long it is tried, in milliseconds. */
  readonly waitMs: number;
  /** Plans the change of a row; `null`: there is nothing to do. `isStored`: the row is the store's, not another plan's. */
  readonly plan: (row: ObjectRow, isStored: boolean) => ObjectChange | null;
  /** Work that must be done before the last plan is carried out. */
  readonly prepare: () => Promise<void> | null;
  /** The last plan has come true. */
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
}

interface Waiting extends LinedChange {
  /** When it gives up, as `performance.now()`. */
  readonly end: number;
  readonly timer: NodeJS.Timeout;
  /** How many answers its line had when it came. */
  readonly answers: number;
}

/** The changes that wait for an object, and how often its store has answered them. */
interface Line {
  readonly waiting: Waiting[];
  answers: number;
}

/** The joint changes of a row by the first of a line. */
interface Joined {
  /** How each of them hears of its outcome, once the row is known to have been the newest. */
  readonly tell: ReadonlyArray<() => void>;
  /** Their changes, each on top of the one before. */
  readonly changes: readonly ObjectChange[];
  /** A change that claims unique values goes alone. */
  readonly claiming: Waiting | null;
}

/** The row that is there now, where that is known; how many races were lost one after the other; how many may go together. */
interface Progress {
  readonly known: ObjectRow | null;
  readonly losses: number;
  readonly most: number;
}

/** More go one write after the other. */
const MAX_JOINED = 100;
/** Nor are more characters of bodies planned at a time: large objects would hold up the process. */
const MAX_CHARS = 1 << 20;
const begin: Progress = { known: null, losses: 0, most: MAX_JOINED };

/**
 * The changes of this process, by object. Those that stand in line for one object become one write, each planned on top of
 * the one before it: the writers of other processes meet few writes, however many changes there are. Where such a write
 * loses a race, the next one locks the row. Servers give locks in the order in which they were asked for, so a process
 * far away has its turn, too.
 */
export class ObjectLines {
  readonly #lines = new Map<string, Line>();

  /** Puts a change into the line of its object. */
  join(id: string, change: LinedChange): void {
    const { waitMs } = change;
    const line = this.#lines.get(id) ?? { waiting: [], answers: 0 };
    const timer = setTimeout(() => this.#giveUp(line, id, one), waitMs);
    const one: Waiting = { ...change, end: performance.now() + waitMs, timer, answers: line.answers };
    line.waiting.push(one);
    if (this.#lines.has(id)) return;
    this.#lines.set(id, line);
    void this.#serve(id, line);
  }

  async #serve(id: string, line: Line): Promise<void> {
    for (let progress = begin; line.waiting.length > 0; ) progress = await this.#write(id, line, progress);
    this.#lines.delete(id);
  }

  /** Reads the row where it is not known, and makes one write of the first in line. */
  async #write(id: string, own: Line, { known, losses, most }: Progress): Promise<Progress> {
    const { waiting: line } = own;
    const here = new Set(line); // changes that come while the row is read may know of a newer one
    const { rows } = itemAt(line, 0);
    const row = known ?? (await rows.read().catch(errorOf));
    if (row instanceof Error) {
      for (const one of takeWhile(line, (waiting) => here.has(waiting))) settle(one, () => one.fail(row));
      return begin;
    }
    if (known === null) own.answers++;
    const joined = joinChanges(row, line.slice(0, most), true);
    if (joined.changes.length === 0) {
      // the known row may be old by now: good enough to try, not to conclude anything from
      if (known !== null) return begin;
      const told = takeWhile(line, (waiting, at) => here.has(waiting) && at < joined.tell.length);
      for (const [at, one] of told.entries()) settle(one, itemAt(joined.tell, at));
      return { ...begin, known: row };
    }
    const taken = line.splice(0, joined.tell.length);
    const written = await write(rows, taken, joined, losses === 0 ? row : null).catch(errorOf);
    if (written instanceof BodyTooLargeError && taken.length > 1) {
      line.unshift(...taken); // one of them is to blame
      return { ...begin, most: taken.length >> 1 };
    }
    if (written instanceof Error) {
      for (const one of taken) settle(one, () => one.fail(written));
      return begin;
    }
    own.answers++;
    if (written !== null) {
      line.unshift(...taken.splice(written.tell.length)); // under the lock one may have turned out to claim something
      for (const [at, one] of taken.entries()) settle(one, itemAt(written.tell, at));
      const { row: last } = itemAt(written.changes, written.changes.length - 1);
      return { ...begin, known: last.state === LIVE ? last : null };
    }
    const now = performance.now();
    const [late, others] = [taken.filter(({ end }) => end <= now), taken.filter(({ end }) => end > now)];
    for (const one of late) settle(one, () => one.fail(tooLate(id, one)));
    line.unshift(...others);
    return { ...begin, losses: losses + 1 };
  }

  /**
   * The time limit of a change has passed. One that is being written goes on: its outcome is not known yet. Where the store has
   * not answered meanwhile, that is why it had no turn.
   */
  #giveUp({ waiting, answers }: Line, id: string, one: Waiting): void {
    const at = waiting.indexOf(one);
    if (at === -1) return;
    waiting.splice(at, 1);
    one.fail(answers === one.answers ? one.rows.silent(one.waitMs) : tooLate(id, one));
  }
}

/** Plans changes, each on top of the one before. No change is planned after a deletion. */
function joinChanges(row: ObjectRow, some: readonly Waiting[], mayClaim: boolean): Joined {
  const tell: Array<() => void> = [];
  const changes: ObjectChange[] = [];
  let current = row;
  let chars = 0;
  for (const one of some) {
    const plan = attempt(() => one.plan(current, current === row));
    if (plan instanceof Error) {
      tell.push(() => one.fail(plan));
      continue;
    }
    const isClaiming = plan !== null && plan.claims.claims.length > 0;
    if (isClaiming && (tell.length > 0 || !mayClaim)) break;
    tell.push(one.succeed);
    if (plan === null) continue;
    changes.push(plan);
    if (isClaiming) return { tell, changes, claiming: one };
    current = plan.row;
    chars += current.body.length;
    if (current.state !== LIVE || chars > MAX_CHARS) break;
  }
  return { tell, changes, claiming: null };
}

/**
 * Writes the planned changes of a row, if it is still there. Without `row` the row is locked, and the changes are planned
 * again. `null`: nothing was written.
 */
async function write(
  rows: RowAccess,
  some: readonly Waiting[],
  joined: Joined,
  row: ObjectRow | null,
): Promise<Joined | Error | null> {
  await joined.claiming?.prepare();
  let last = joined;
  const written =
    row !== null
      ? await rows.replace(joined.changes, row.version)
      : await rows.rewrite((current) => {
          last = joinChanges(current, some, joined.claiming !== null); // no claim without its preparation
          return last.changes;
        });
  return written === true ? last : written || null;
}

/** Takes away the first of a line for which something holds. */
function takeWhile(line: Waiting[], isTaken: (one: Waiting, at: number) => boolean): readonly Waiting[] {
  const rest = line.findIndex((one, at) => !isTaken(one, at));
  return line.splice(0, rest === -1 ? line.length : rest);
}

function settle(one: Waiting, tell: () => void): void {
  clearTimeout(one.timer);
  tell();
}

function tooLate(id: string, { verb, waitMs }: LinedChange): ConflictError {
  const message = `Object "${id}" is changed by many at a time: this ${verb} had no turn for ${waitMs} ms.`;
  return new ConflictError(id, message, 'retry');
}
