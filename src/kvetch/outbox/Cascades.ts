import { newCounters } from '../cleaners/CleanCounters.ts';
import { HasChildrenError } from '../errors.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { KvetchStats } from '../KvetchStats.ts';
import { chunksOf } from '../shards/chunks.ts';
import type { ObjectRow, OutboxNote } from '../shards/rows.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { type Child, type ListPlace, readChildren } from '../writes/children.ts';
import { inParts } from '../writes/inParts.ts';
import { releaseChild } from '../writes/releaseChild.ts';

/** How many children are looked at together. */
const PAGE = 500;
/** How many lists. */
const LISTS = 100;
/** A process that works on a note says so before this has passed; if it dies, others go on behind it. */
const HOLD_MS = 5000;
const RENEW_MS = 1000;
/** Where something failed it is tried again after so long. */
const POSTPONE_MS = 5000;
/** As many notes are settled in one call. */
const BATCH = 500;

/** The note of a delete, and the deleted objects whose children are left. */
export interface ChildrenNote {
  readonly note: OutboxNote;
  readonly parents: readonly ObjectRow[];
}

interface OpenList extends ListPlace {
  readonly note: OutboxNote;
}

/**
 * Lets go of the children of deleted objects, page by page: each is deleted, or its stored id is cleared. The note of the
 * delete stays until all of them have gone, held by the process that works on it; each deleted child leaves a note of its
 * own. So a tree of any size needs little memory, and goes on where a process died.
 */
export class Cascades {
  readonly #context: KvetchContext;
  readonly #counted: { cascaded: number };
  /** By store and id: a note comes again while it waits. */
  readonly #held = new Map<ShardStore, Set<string>>();
  #last: Promise<void> = Promise.resolve();
  #isStopped = false;

  /** `counted`: the children that have gone. */
  constructor(context: KvetchContext, counted: { cascaded: number } = newCounters()) {
    this.#context = { ...context, unchecked: true, whileBuilding: 'answer' };
    this.#counted = counted;
  }

  /** Takes notes that others have nothing left to do for. They are worked on one group after the other. */
  async begin(store: ShardStore, notes: readonly ChildrenNote[]): Promise<void> {
    const held = this.#held.get(store) ?? new Set();
    this.#held.set(store, held);
    const fresh = notes.filter(({ note }) => !held.has(note.id));
    if (fresh.length === 0) return;
    for (const { note } of fresh) held.add(note.id);
    const run = async (): Promise<void> => {
      const renewing = setInterval(() => void this.#renew(), RENEW_MS).unref();
      try {
        await this.#run(store, fresh);
      } catch {
        this.#context.stats.failure(store.name);
      } finally {
        clearInterval(renewing);
        for (const { note } of fresh) held.delete(note.id);
      }
    };
    this.#last = this.#last.then(run);
    await this.#renew();
  }

  /** Ends when nothing is left to do. */
  async end(): Promise<void> {
    for (let last: Promise<void> | null = null; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
  }

  /** Ends after the page that it is at; others go on. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.end();
  }

  /** Notes that wait are held, too. */
  async #renew(): Promise<void> {
    for (const [store, held] of this.#held) {
      try {
        for (const ids of chunksOf([...held], BATCH)) await store.postponeNotes(ids, HOLD_MS);
      } catch {
        this.#context.stats.failure(store.name);
      }
    }
  }

  async #run(store: ShardStore, notes: readonly ChildrenNote[]): Promise<void> {
    const failed = new Set<OutboxNote>();
    const { schema } = this.#context;
    const lists = notes.flatMap(({ note, parents }) =>
      parents.flatMap(({ id, typeId }) =>
        (schema.findType(typeId)?.boundLists ?? []).map((edge): OpenList => ({ note, edge, fromId: id, after: null })),
      ),
    );
    while (lists.length > 0 && !this.#isStopped) {
      const some = lists.splice(0, LISTS);
      const found: (Child & { readonly note: OutboxNote })[] = [];
      // no request waits for these reads: they are none of its rounds
      const reads = { ...this.#context, stats: new KvetchStats() };
      for (const [at, page] of (await readChildren(reads, some, Math.ceil(PAGE / some.length))).entries()) {
        const list = some[at];
        if (list === undefined) continue;
        if (page instanceof Error) failed.add(list.note);
        else {
          for (const child of page.children) found.push({ ...child, note: list.note });
          if (page.next !== null) lists.unshift({ ...list, after: page.next });
        }
      }
      const answers = await inParts(found, (child) => releaseChild(this.#context, child));
      for (const [at, answer] of answers.entries()) {
        const { note } = found[at] ?? {};
        if (answer === true) this.#count();
        // what refuses to go stays with its id, which cleaners name
        else if (answer instanceof Error && !(answer instanceof HasChildrenError) && note !== undefined)
          failed.add(note);
      }
    }
    const all = notes.map(({ note }) => note);
    const done = this.#isStopped ? [] : all.filter((note) => !failed.has(note));
    const open = all.filter((note) => !done.includes(note));
    await store.settleNotes(done.map(({ id }) => id));
    await store.postponeNotes(
      open.map(({ id }) => id),
      this.#isStopped ? 0 : POSTPONE_MS,
    );
  }

  #count(): void {
    this.#counted.cascaded++;
    this.#context.stats.cascaded++;
  }
}
