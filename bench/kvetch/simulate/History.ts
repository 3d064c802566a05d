import type { Ack } from './Promises.ts';
import { virtualNow } from './virtualTime.ts';

/** Something that must never be, with what happened before it. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** An update that has returned. */
export interface Update extends Ack {
  readonly version: number;
  readonly count: number;
}

/** An object as those who wrote it know it. */
export interface Known {
  readonly id: string;
  readonly handle: string | null;
  readonly owner: string | null;
  readonly created: Ack;
  readonly updates: Update[];
  /** When its delete returned. */
  removed: Ack | null;
  /** The highest version that a writer was told of, and the count that it had. */
  version: number;
  count: number;
  /** Versions that writers were told of: no two of the same. */
  readonly told: Set<number>;
  /** Updates that returned, and updates that nobody knows to count or not. */
  applied: number;
  unknown: number;
  removal: 'none' | 'begun' | 'done';
}

interface Happening {
  readonly at: number;
  readonly text: string;
  readonly about: readonly string[];
}

/** What matters of the past is near: so many happenings are kept. */
const KEPT = 20_000;
const SHOWN = 25;

/** What happened, and the objects that there must be. */
export class History {
  readonly objects: Map<string, Known> = new Map();
  /** By handle: the object that has it, where its creator was told so. */
  readonly holders: Map<string, Known> = new Map();
  readonly #happenings: Happening[] = [];

  /** Notes what happened. `about`: ids of objects, `shard 7`, names of servers; an empty list is about everything. */
  note(text: string, ...about: readonly string[]): void {
    this.#happenings.push({ at: virtualNow(), text, about });
    if (this.#happenings.length > 2 * KEPT) this.#happenings.splice(0, KEPT);
  }

  created(id: string, handle: string | null, owner: string | null, ack: Ack): Known {
    const known: Known = {
      ...{
        id,
        handle,
        owner,
        created: ack,
        updates: [],
        removed: null,
        version: 1,
        count: 0,
        told: new Set([1]),
        applied: 0,
        unknown: 0,
      },
      removal: 'none',
    };
    this.objects.set(id, known);
    if (handle === null) return known;
    const other = this.holders.get(handle);
    if (other !== undefined && other.removal === 'none')
      this.fail(`Two objects were given the unique value "${handle}": ${other.id} and ${id}.`, id, other.id);
    this.holders.set(handle, known);
    return known;
  }

  /** An update has returned. */
  updated(known: Known, update: Update): void {
    const { version, count } = update;
    if (known.told.has(version))
      this.fail(`Two writers of ${known.id} were both told version ${version}: one update is lost.`, known.id);
    known.told.add(version);
    known.applied++;
    known.updates.push(update);
    if (version < known.version) return;
    known.version = version;
    known.count = count;
  }

  /** Throws, with the shortest history that shows it. */
  fail(what: string, ...about: readonly string[]): never {
    const concerned = this.#happenings.filter(
      (one) => one.about.length === 0 || one.about.some((name) => about.includes(name)),
    );
    const lines = concerned.slice(-SHOWN).map(({ at, text }) => `  ${at.toFixed(1).padStart(10)} ms  ${text}`);
    throw new Violation([what, ...lines].join('\n'));
  }
}
