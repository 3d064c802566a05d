import { increment, KvetchError } from '../../../src/kvetch.ts';
import { getOrCreate } from '../../../src/utils/getOrCreate.ts';
import type { Fleet, Program } from './Fleet.ts';
import type { History, Known } from './History.ts';
import { oneOf, pause, random, virtualNow } from './virtualTime.ts';

/** How many objects a visit asks for, in one call: a page of a feed. */
const PAGE = 20;
const LANES = 8;
/** Visitors think up to so long; every fifth changes an object then. */
const THINK_MS = 100;
const WRITERS = 0.2;

/** What visits saw in a span of time. */
export interface Seen {
  visits: number;
  /** Visits that lack an object, as its server did not answer. */
  incomplete: number;
  objects: number;
  missing: number;
  writes: number;
  failedWrites: number;
  /** How long each visit and each write took. */
  readonly visitMs: number[];
  readonly writeMs: number[];
  /** When the last error was seen. */
  lastFailureAt: number;
  /** Statements of all servers, those of others too. */
  statements: number;
}

/** Visitors of a page of objects, who know the version that each must have at least. */
export class Visits {
  readonly #fleet: Fleet;
  readonly #history: History;
  readonly #objects: readonly Known[];
  /** An object that is on every page. */
  hot: Known | null = null;
  /** How old a read may be. */
  staleMs = 0;
  /** The versions that writers were told of, and when. */
  readonly #versions = new Map<Known, Array<{ readonly at: number; readonly version: number }>>();
  #ranBefore = 0;
  #seen: Seen;
  #isOver = false;

  constructor(fleet: Fleet, history: History) {
    [this.#fleet, this.#history, this.#objects] = [fleet, history, [...history.objects.values()]];
    this.#seen = this.#begin();
  }

  #begin(): Seen {
    this.#ranBefore = this.#fleet.totals().statements;
    return {
      ...{ visits: 0, incomplete: 0, objects: 0, missing: 0, writes: 0, failedWrites: 0, visitMs: [], writeMs: [] },
      ...{ lastFailureAt: 0, statements: 0 },
    };
  }

  /** Lets visitors of some programs come while something happens, and returns what they saw. */
  async during(programs: readonly Program[], happens: () => Promise<unknown>): Promise<Seen> {
    this.#isOver = false;
    this.#seen = this.#begin();
    const lanes = programs.flatMap((program) => Array.from({ length: LANES }, () => this.#lane(program)));
    const happening = happens();
    await Promise.race([happening, Promise.all(lanes).then(() => happening)]); // a visitor ends early with a violation alone
    this.#isOver = true;
    await Promise.all(lanes);
    this.#seen.statements = this.#fleet.totals().statements - this.#ranBefore;
    return this.#seen;
  }

  async #lane(program: Program): Promise<void> {
    await pause(random() * THINK_MS);
    while (!this.#isOver) {
      await this.#visit(program);
      if (random() < WRITERS) await this.#write(program);
      await pause(random() * THINK_MS);
    }
  }

  async #visit({ kvetch, process }: Program): Promise<void> {
    const page = new Set(Array.from({ length: PAGE }, () => oneOf(this.#objects)));
    if (this.hot !== null) page.add(this.hot);
    const least = [...page].map((known) => ({ known, version: this.#leastOf(known) }));
    const begin = virtualNow();
    const found = await kvetch.getObjects(least.map(({ known }) => known.id));
    const seen = this.#seen;
    let missing = 0;
    for (const [at, { known, version }] of least.entries()) {
      const object = found[at];
      if (object instanceof KvetchError) missing++;
      else if (object instanceof Error) throw object;
      else if (!object || object.version < version)
        this.#history.fail(
          `${process.name} reads version ${object?.version} of ${known.id}, after version ${version} was acknowledged.`,
          known.id,
        );
    }
    seen.visits++;
    seen.objects += page.size;
    seen.missing += missing;
    if (missing > 0) seen.incomplete++;
    if (missing > 0) seen.lastFailureAt = virtualNow();
    seen.visitMs.push(virtualNow() - begin);
  }

  /** The version that a read must see that begins now. */
  #leastOf(known: Known): number {
    const promisedAt = virtualNow() - this.staleMs;
    return this.#versions.get(known)?.findLast(({ at }) => at <= promisedAt)?.version ?? 1;
  }

  async #write({ kvetch, process }: Program): Promise<void> {
    const known = oneOf(this.#objects);
    const begin = virtualNow();
    let failure: KvetchError | null = null;
    try {
      const { version, n } = await kvetch.updateObject(known.id, { n: increment() });
      this.#history.note(`${process.name} updated ${known.id} to version ${version}`, known.id);
      this.#history.updated(known, { version, count: Number(n), at: virtualNow(), by: process, isTold: true });
      getOrCreate(this.#versions, known, () => []).push({ at: virtualNow(), version: known.version });
    } catch (error) {
      if (!(error instanceof KvetchError)) throw error;
      failure = error;
    }
    const seen = this.#seen;
    seen.writes++;
    if (failure !== null) seen.failedWrites++;
    if (failure !== null) seen.lastFailureAt = virtualNow();
    seen.writeMs.push(virtualNow() - begin);
  }
}
