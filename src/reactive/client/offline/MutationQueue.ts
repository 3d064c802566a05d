import type { AnyDocument, Variables } from '../document.ts';
import type { Answered, OfflineHost, OfflineMutation, Outcome } from '../OfflinePlug.ts';
import type { Layer } from '../Store.ts';
import { backOff } from '../transports/backOff.ts';
import { BusyError, exclusively } from './exclusively.ts';
import type { OfflineStorage } from './OfflineStorage.ts';
import { type Channel, platform } from './platform.ts';
import {
  mutationOf,
  patchOf,
  type QueuedMutation,
  showing,
  textOf,
  unknownIn,
  valueAt,
  withIds,
  withoutPlaces,
  withValueAt,
} from './QueuedMutation.ts';
import { randomName } from './randomName.ts';
import { type Verdict, verdictOf, verdictOn } from './verdict.ts';
import { byName, type Shown, shownOf, type Told, type Waiting } from './Waiting.ts';

export interface QueueOptions {
  readonly user: string;
  readonly storage: OfflineStorage;
  readonly maxMutations: number;
  readonly onChange: () => void;
}

/** So often a mutation is sent that the server fails to run: with growing pauses, for about 8 minutes. */
const MAX_FAILURES = 20;
/** How long the answer to a mutation that another page has sent may be under way. */
const TOLD_MS = 2000;

/** Where the mutations of a user are stored. */
export function prefixOf(user: string): string {
  return `queue/${encodeURIComponent(user)}/`;
}

/** Mutations in the order in which they were made, kept in a storage until the server has answered. Spec 12.9. */
export class MutationQueue {
  readonly #host: OfflineHost;
  readonly #options: QueueOptions;
  readonly #prefix: string;
  readonly #waiting = new Map<string, Waiting>();
  /** The names of mutations that are over: they are not sent again, whatever the storage says. */
  readonly #done = new Set<string>();
  /** Real ids by those that pages have made. */
  readonly #ids = new Map<string, string>();
  readonly #attempts = backOff();
  readonly #over = new AbortController();
  readonly #channel: Channel<Told> | null;
  readonly #loaded: Promise<void>;
  #last = 0;
  #isSending = false;
  #isAsked = false;
  /** No answer came to the last request. */
  #isAway = false;

  constructor(host: OfflineHost, options: QueueOptions) {
    this.#host = host;
    this.#options = options;
    this.#prefix = prefixOf(options.user);
    const { BroadcastChannel } = platform<Told>();
    this.#channel = BroadcastChannel === undefined ? null : new BroadcastChannel(`planql:${this.#prefix}`);
    this.#channel?.addEventListener('message', ({ data }) => this.#told(data));
    this.#channel?.unref?.(); // in Node it would hold the process
    this.#loaded = this.#load().catch(this.#host.failed);
    void this.#loaded.then(() => this.send());
  }

  /** The mutations that wait, in order. */
  get waiting(): readonly Pick<Waiting, 'mutation' | 'isStored'>[] {
    return [...this.#waiting.values()].sort(byName);
  }

  async add<TData>(
    document: AnyDocument,
    variables: Variables,
    run: Layer['run'] | null,
    how: OfflineMutation,
  ): Promise<Outcome<TData>> {
    this.#over.signal.throwIfAborted();
    if (this.#waiting.size >= this.#options.maxMutations) {
      throw new Error(`${this.#waiting.size} mutations wait for the server already ("maxMutations").`);
    }
    const key = randomName();
    // A copy: the page may change its variables. What is no JSON is an error of the caller.
    const given = { v: 1, key, at: Date.now(), document: withoutPlaces(document), variables, how, patch: [] } as const;
    const copy: QueuedMutation = JSON.parse(withIds(textOf(given), this.#ids));
    const shown = run === null ? null : this.#begin(run);
    const mutation = { ...copy, patch: shown === null ? [] : patchOf(shown.optimism.layer) };
    this.#last = Math.max(copy.at, this.#last + 1);
    return new Promise<Outcome<TData>>((resolve, reject) => {
      const name = `${this.#prefix}${String(this.#last).padStart(16, '0')}-${key}`;
      const caller = { resolve: (result: Outcome<TData>): void => resolve(result), reject };
      const own = this.#wait(name, mutation, shown, caller);
      own.storing = this.#store(own).then(() => this.send());
    });
  }

  /** Sends what waits, unless that is under way. */
  send(): void {
    this.#isAsked = true;
    if (this.#isSending || this.#over.signal.aborted) return;
    this.#isSending = true;
    this.#isAway = false;
    this.#attempts.cancel();
    void this.#send();
  }

  /** The server has answered something: the pause after a request without an answer is over. */
  isBack(): void {
    if (this.#isAway && !this.#isSending) this.send();
  }

  /** Forgets all mutations of the user. */
  async clear(): Promise<void> {
    const all = [...this.#waiting.values()];
    await Promise.all(all.map(({ storing }) => storing));
    for (const own of all) await this.#drop(own, clearedError());
  }

  close(): void {
    const error = new Error('The client was closed.');
    this.#over.abort(error);
    this.#attempts.cancel();
    this.#channel?.close();
    for (const { caller, isStored } of this.#waiting.values()) {
      const fate = isStored ? 'is sent by the next one of this user' : 'is lost unless it is stored just now';
      caller?.reject(new Error(`The client was closed. The mutation ${fate}.`));
    }
    this.#waiting.clear();
  }

  #begin(run: Layer['run']): Shown {
    // A mutation before it may have created an object that this one changes: what it shows is then made anew.
    const shown: { own: Waiting | null } = { own: null };
    const optimism = this.#host.begin((view, sink) => (shown.own?.show ?? run)(view, sink));
    return Object.assign(shown, { optimism, run });
  }

  #wait(name: string, mutation: QueuedMutation, shown: Shown | null, caller: Waiting['caller']): Waiting {
    const own: Waiting = {
      ...{ name, mutation, caller, isStored: caller === null, isGone: false, failures: 0 },
      ...{ optimism: shown?.optimism ?? null, show: shown?.run ?? showing([]), storing: Promise.resolve() },
    };
    if (shown !== null) shown.own = own;
    this.#waiting.set(name, own);
    this.#options.onChange();
    return own;
  }

  /** Shows what was made before a reload. */
  async #load(): Promise<void> {
    for (const [name, text] of await this.#options.storage.list(this.#prefix)) {
      if (this.#over.signal.aborted) return;
      if (!this.#waiting.has(name)) await this.#adopt(name, text);
    }
  }

  /** Takes a stored mutation for its own. */
  async #adopt(name: string, text: string): Promise<void> {
    const mutation = this.#done.has(name) ? null : mutationOf(withIds(text, this.#ids));
    if (mutation !== null) {
      this.#last = Math.max(this.#last, Number(name.slice(this.#prefix.length).split('-')[0]) || 0);
      this.#wait(name, mutation, mutation.patch.length > 0 ? this.#begin(showing(mutation.patch)) : null, null);
      return;
    }
    if (!this.#done.has(name)) this.#host.failed(new Error('A stored mutation cannot be read, and is forgotten.'));
    await this.#remove(name);
  }

  /** What cannot be stored is sent all the same, as long as the page lives. */
  async #store(own: Waiting): Promise<void> {
    try {
      await this.#options.storage.update(own.name, () => textOf(own.mutation));
      own.isStored = true;
      if (this.#waiting.has(own.name)) this.#options.onChange();
    } catch (error) {
      this.#host.failed(error);
    }
  }

  async #remove(name: string): Promise<void> {
    this.#done.add(name);
    try {
      await this.#options.storage.update(name, () => undefined);
    } catch (error) {
      this.#host.failed(error);
    }
  }

  async #send(): Promise<void> {
    const { user, storage } = this.#options;
    const { signal } = this.#over;
    try {
      await this.#loaded;
      while (this.#isAsked && !signal.aborted) {
        this.#isAsked = false;
        if (this.#waiting.size === 0) break;
        await exclusively(`lease/${encodeURIComponent(user)}`, storage, signal, (renew) => this.#sendAll(renew));
      }
    } catch (error) {
      if (!signal.aborted) {
        if (!(error instanceof BusyError)) this.#host.failed(error);
        this.#attempts.retry(() => this.send());
      }
    } finally {
      this.#isSending = false;
    }
  }

  async #sendAll(renew: () => Promise<void>): Promise<void> {
    for (;;) {
      const own = await this.#next();
      if (own === null) return;
      await renew();
      this.#over.signal.throwIfAborted();
      await this.#sendOne(own);
      this.#attempts.reset();
    }
  }

  /** The first mutation of all pages. */
  async #next(): Promise<Waiting | null> {
    const here = [...this.#waiting.values()];
    await Promise.all(here.map(({ storing }) => storing));
    const listed = new Map(await this.#listed(here));
    for (const own of here) if (own.isStored && !listed.has(own.name)) this.#sentElsewhere(own);
    for (const [name, text] of listed) if (!this.#waiting.has(name)) await this.#adopt(name, text);
    const known = [...this.#waiting.values()].filter((own) => {
      return listed.has(own.name) || (here.includes(own) && !own.isStored);
    });
    return known.sort(byName)[0] ?? null;
  }

  /** What is stored. A page whose storage has never worked sends its own mutations all the same. */
  async #listed(here: readonly Waiting[]): ReturnType<OfflineStorage['list']> {
    try {
      return await this.#options.storage.list(this.#prefix);
    } catch (error) {
      if (here.some(({ isStored }) => isStored)) throw error;
      return [];
    }
  }

  /** Sends one. Throws where it is to be sent again. */
  async #sendOne(own: Waiting): Promise<void> {
    const { key, document, variables, how } = own.mutation;
    const unknown = unknownIn(variables);
    if (unknown !== undefined) {
      const error = new Error(`The mutation was not sent: it needs ${unknown}, which the server did not create.`);
      return this.#drop(own, error);
    }
    const given = how.key === undefined ? variables : withValueAt(variables, how.key.split('.'), key);
    let answered: Answered;
    try {
      answered = await this.#host.request(document, given, { idempotencyKey: key, user: this.#options.user });
    } catch (error) {
      const { status }: { readonly status?: number } = Object(error);
      this.#isAway = status === undefined;
      if (this.#isLast(own, verdictOf(status))) return this.#drop(own, error);
      throw error;
    }
    const { errors, data } = answered;
    if (!this.#isLast(own, verdictOn(answered))) throw Object.assign(new Error(errors?.[0]?.message), { errors });
    await this.#created(own, answered);
    await this.#remove(own.name);
    this.#channel?.postMessage({ name: own.name, result: { data, errors }, why: '' });
    this.#settle(own, answered);
  }

  #isLast(own: Waiting, verdict: Verdict): boolean {
    return verdict === 'over' || (verdict === 'failed' && ++own.failures >= MAX_FAILURES);
  }

  /** The object that the mutation has created has a real id now: the mutations after it name that. */
  async #created(own: Waiting, { data, errors }: Partial<Outcome>): Promise<void> {
    const { creates } = own.mutation.how;
    if (creates === undefined) return;
    const id = valueAt(data, creates.at);
    if (typeof id !== 'string' && typeof id !== 'number') {
      if (!errors) this.#host.failed(new Error(`The answer has no id at "${creates.at}" ("creates").`));
      return;
    }
    this.#ids.set(creates.id, String(id));
    for (const other of this.#waiting.values()) {
      const text = textOf(other.mutation);
      if (other === own || !text.includes(creates.id)) continue;
      other.mutation = mutationOf(withIds(text, this.#ids)) ?? other.mutation;
      other.show = showing(other.mutation.patch);
    }
    const { storage } = this.#options;
    for (const [name, text] of await this.#listed([])) {
      if (name === own.name || !text.includes(creates.id)) continue;
      await storage.update(name, (now) => now && withIds(now, this.#ids));
    }
  }

  #settle(own: Waiting, answered: Answered): void {
    if (!this.#waiting.delete(own.name)) return;
    const { data, errors } = answered;
    this.#host.end(own.optimism, answered);
    own.caller?.resolve({ data, errors });
    if (errors !== undefined && own.caller === null) this.#tell(own, errors[0]?.message, { errors });
    this.#options.onChange();
  }

  /** It is not sent, or not any more. */
  async #drop(own: Waiting, error: unknown): Promise<void> {
    await this.#remove(own.name);
    this.#channel?.postMessage({ name: own.name, result: null, why: String(error) });
    this.#forget(own, error);
  }

  #forget(own: Waiting, error: unknown): void {
    if (!this.#waiting.delete(own.name)) return;
    this.#host.end(own.optimism, null);
    if (own.caller === null) this.#tell(own, String(error), { cause: error });
    own.caller?.reject(error);
    this.#options.onChange();
  }

  /** Nobody waits for the mutation any more: `onError` is told of its end. */
  #tell({ mutation }: Waiting, why: string | undefined, facts: object): void {
    const error = new Error(`A mutation that was made earlier has failed: ${why}`);
    this.#host.failed(Object.assign(error, { mutation: shownOf(mutation) }, facts));
  }

  /** Another page has got the answer to a mutation, or has given it up. */
  #told({ name, result, why }: Told): void {
    const own = this.#waiting.get(name);
    if (own === undefined) return;
    this.#done.add(name);
    if (result === null) return this.#forget(own, new Error(why));
    void this.#created(own, result).catch(this.#host.failed);
    this.#settle(own, { ...result, status: 200, hasChanged: null });
  }

  #sentElsewhere(own: Waiting): void {
    if (own.isGone) return;
    own.isGone = true;
    const error = new Error('The mutation is not stored any more: another page has sent it, or it was deleted.');
    setTimeout(() => this.#forget(own, error), TOLD_MS);
  }
}

function clearedError(): Error {
  return new Error('The mutation was cleared before it was answered.');
}
