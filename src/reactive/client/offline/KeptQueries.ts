import type { OfflineHost } from '../OfflinePlug.ts';
import type { Query } from '../Query.ts';
import { readSelection } from '../read.ts';
import { stableText } from '../Selection.ts';
import { KEPT } from '../Store.ts';
import { ROOT } from '../write.ts';
import { keptAnswerOf, nameOf, textOfKept, timeOf } from './KeptAnswer.ts';
import type { OfflineStorage } from './OfflineStorage.ts';
import { type Channel, platform } from './platform.ts';

export interface KeptLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

interface KeptOptions extends KeptLimits {
  readonly user: string;
  readonly storage: OfflineStorage;
}

/** What was written last for a query. */
interface Saved {
  readonly at: number;
  readonly answer: string;
}

/** Changes that come together are written once. A page that ends earlier does not write them: `pagehide` does not wait for IndexedDB. */
const SETTLE_MS = 200;
/** How browsers store the characters of a text, at most. */
const BYTES = 2;
const ALL = 'answers/';

/** Where the answers of a user are stored. */
export function answersOf(user: string): string {
  return `${ALL}${encodeURIComponent(user)}/`;
}

/** The answers to the queries of a user, for the next page: it shows them until the server has answered. Spec 12.10. */
export class KeptQueries {
  readonly #host: OfflineHost;
  readonly #options: KeptOptions;
  readonly #prefix: string;
  readonly #asked = new WeakSet<Query>();
  readonly #saved = new WeakMap<Query, Saved>();
  readonly #changed = new Set<Query>();
  readonly #writing = new Set<Promise<void>>();
  readonly #told = new Set<string>();
  readonly #channel: Channel<'clear'> | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #trimming: Promise<void> | null = null;
  /** How much was written since the storage was last looked through; it was not yet. */
  #written: number = Number.POSITIVE_INFINITY;

  constructor(host: OfflineHost, options: KeptOptions) {
    this.#host = host;
    this.#options = options;
    this.#prefix = answersOf(options.user);
    const { BroadcastChannel } = platform<'clear'>();
    this.#channel = BroadcastChannel === undefined ? null : new BroadcastChannel(`planql:${this.#prefix}`);
    // The user has signed out in another page.
    this.#channel?.addEventListener('message', () => void this.#forget().catch((error) => this.#tell(error)));
    this.#channel?.unref?.(); // in Node it would hold the process
  }

  /** Queries are watched, or may show other data. */
  seen(queries: readonly Query[]): void {
    if (this.#isOver) return;
    for (const query of queries) {
      if (query.onClose !== null) continue; // a live query: its server does not compare the user
      if (query.snapshot.status === 'ready') this.#changed.add(query);
      else if (!this.#asked.has(query)) {
        this.#asked.add(query);
        void this.#restore(query).catch((error) => this.#tell(error));
      }
    }
    if (this.#changed.size > 0) this.#timer ??= setTimeout(() => this.#writeAll(), SETTLE_MS);
  }

  /** The user signs out: the answers are forgotten, in all pages, and no others are kept. */
  clear(): Promise<void> {
    if (!this.#isOver) this.#channel?.postMessage('clear');
    return this.#forget();
  }

  close(): void {
    this.#writeAll();
    this.#end();
    this.#channel?.close();
  }

  #end(): void {
    this.#isOver = true;
    this.#changed.clear();
    clearTimeout(this.#timer);
  }

  async #forget(): Promise<void> {
    this.#end();
    await Promise.all([...this.#writing, this.#trimming]);
    const { storage } = this.#options;
    for (const [name] of await storage.list(this.#prefix)) await storage.update(name, () => undefined);
  }

  async #restore(query: Query): Promise<void> {
    const { storage, maxAgeMs } = this.#options;
    const of = ofQuery(query);
    const name = this.#prefix + nameOf(of);
    const [, text] = (await storage.list(name)).find(([found]) => found === name) ?? [];
    if (text === undefined || this.#isOver) return;
    const kept = keptAnswerOf(text);
    if (kept === null) {
      this.#tell(new Error(`The kept answer "${name}" cannot be read, and is forgotten.`));
      return this.#remove(name, text);
    }
    if (kept.of !== of) return; // another query whose name is the same by chance
    if (isOld(kept.at, maxAgeMs)) return this.#remove(name, text);
    const extensions = { reactive: { v: 1, status: 'partial', epoch: KEPT, asOf: kept.at } } as const;
    this.#host.came(query, Number.POSITIVE_INFINITY, () => {
      try {
        query.restore({ ...kept.answer, extensions });
      } catch (error) {
        this.#tell(error);
        void this.#remove(name, text);
      }
    });
  }

  /** Writes what has changed. */
  #writeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const query of this.#changed) {
      const writing = this.#save(query).catch((error) => this.#tell(error));
      this.#writing.add(writing);
      void writing.then(() => this.#writing.delete(writing));
    }
    this.#changed.clear();
  }

  async #save(query: Query): Promise<void> {
    const { storage, maxAgeMs, maxBytes } = this.#options;
    const { status, data: shown, errors } = query.snapshot;
    if (status !== 'ready') return;
    const of = ofQuery(query);
    const name = this.#prefix + nameOf(of);
    const { selection, written } = query.data;
    const { data, missing } = readSelection(this.#host.store.base, selection, ROOT, new Map(), written.holes);
    if (shown !== undefined && [...missing].some((at) => !written.absent.has(at))) return; // it is being fetched
    const at = Date.now();
    const answer = JSON.stringify({ data, errors });
    const last = this.#saved.get(query);
    const now = { at, answer: nameOf(answer) };
    if (last?.answer === now.answer && at - last.at < maxAgeMs / 10) return;
    const text = textOfKept(at, of, answer);
    try {
      const isKept = shown !== undefined && text.length * BYTES <= maxBytes;
      await storage.update(name, () => (isKept ? text : undefined));
      this.#saved.set(query, now);
      this.#written += text.length * BYTES;
      if (this.#written >= maxBytes / 10) await this.#trim(maxBytes);
    } catch (error) {
      this.#tell(error);
      // What is older than the page is not shown by the next one, and mutations need the room more.
      await storage.update(name, () => undefined);
      await this.#trim(maxBytes / 2);
    }
  }

  #trim(maxBytes: number): Promise<void> {
    this.#written = 0;
    this.#trimming ??= this.#trimNow(maxBytes).finally(() => {
      this.#trimming = null;
    });
    return this.#trimming;
  }

  /** Forgets what is too old, of all users, and the oldest where there is too much. */
  async #trimNow(maxBytes: number): Promise<void> {
    const all = (await this.#options.storage.list(ALL)).map(([name, text]) => ({ name, text, at: timeOf(text) }));
    let bytes = 0;
    for (const { name, text, at } of all.sort((a, b) => b.at - a.at)) {
      bytes += text.length * BYTES;
      if (bytes > maxBytes || isOld(at, this.#options.maxAgeMs)) await this.#remove(name, text);
    }
  }

  /** Removes an answer, unless another page has written a newer one. */
  #remove(name: string, text: string): Promise<void> {
    return this.#options.storage.update(name, (now) => (now === text ? undefined : now));
  }

  /** Each error once: without a storage, the page works as one that keeps nothing. */
  #tell(error: unknown): void {
    const text = String(error);
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#host.failed(error);
  }
}

/** The operation and its variables, as text. */
function ofQuery({ operation, variables }: Query): string {
  return stableText([operation.text, variables]);
}

/** A time in the future was read from a clock that has been set back since: it tells no age. */
function isOld(at: number, maxAgeMs: number): boolean {
  const age = Date.now() - at;
  return age < 0 || age > maxAgeMs;
}
