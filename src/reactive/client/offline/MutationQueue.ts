import type { ResponseError } from '../Answer.ts';
import type { AnyDocument, Variables } from '../document.ts';
import type { Answered, OfflineHost, OfflineMutation, Outcome } from '../OfflinePlug.ts';
import type { Optimism } from '../Optimism.ts';
import type { Layer } from '../Store.ts';
import { backOff } from '../transports/backOff.ts';
import { BusyError, exclusively } from './exclusively.ts';
import type { OfflineStorage } from './OfflineStorage.ts';
import {
  mutationOf,
  patchOf,
  type QueuedMutation,
  showing,
  textOf,
  unknownIn,
  valueAt,
  withIds,
} from './QueuedMutation.ts';
import { randomName } from './randomName.ts';

/** A mutation that this page knows of. */
interface Waiting {
  readonly name: string;
  mutation: QueuedMutation;
  readonly optimism: Optimism | null;
  show: Layer['run'];
  isStored: boolean;
  /** How often the server failed to run it. */
  failures: number;
  /** The page that made it waits for it; null: it was made before a reload, or by another page. */
  readonly caller: { resolve(result: Outcome): void; reject(error: unknown): void } | null;
}

/** What a page tells the others. */
interface Told {
  readonly name: string;
  readonly result: Outcome;
}

export interface QueueOptions {
  readonly user: string;
  readonly storage: OfflineStorage;
  readonly maxMutations: number;
  readonly onChange: () => void;
}

/** A failure of the server after which a mutation is sent again so often. */
const MAX_FAILURES = 5;
/** The user can do something about these: the mutation waits. */
const WAITS: readonly unknown[] = ['UNAUTHENTICATED'];
const FAILURES: readonly unknown[] = ['INTERNAL_SERVER_ERROR', 'ABORTED'];
/** Answers without a result that another attempt may change. */
const PASSING = [401, 403, 407, 408, 421, 425, 429];
/** How long the answer to a mutation that another page has sent may be under way. */
const TOLD_MS = 2000;

/** Mutations in the order in which they were made, kept in a storage until the server has answered. Spec 12.9. */
export class MutationQueue {
  readonly #host: OfflineHost;
  readonly #options: QueueOptions;
  readonly #prefix: string;
  readonly #waiting = new Map<string, Waiting>();
  /** Real ids by those that pages have made. */
  readonly #ids = new Map<string, string>();
  readonly #attempts = backOff();
  readonly #over = new AbortController();
  readonly #channel: BroadcastChannel | null;
  readonly #loaded: Promise<void>;
  #last = 0;
  #isSending = false;
  #isAsked = false;

  constructor(host: OfflineHost, options: QueueOptions) {
    this.#host = host;
    this.#options = options;
    this.#prefix = `queue/${encodeURIComponent(options.user)}/`;
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`planql:${this.#prefix}`);
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<Told>) => this.#told(data));
    // In Node it would hold the process.
    (this.#channel as { unref?(): void } | null)?.unref?.();
    this.#loaded = this.#load().catch(this.#host.failed);
    void this.#loaded.then(() => this.send());
  }

  /** The mutations that wait, in order. */
  get waiting(): readonly QueuedMutation[] {
    return [...this.#waiting.values()].sort(byName).map(({ mutation }) => mutation);
  }

  async add(
    document: AnyDocument,
    variables: Variables,
    run: Layer['run'] | null,
    how: OfflineMutation,
  ): Promise<Outcome> {
    if (this.#waiting.size >= this.#options.maxMutations) {
      throw new Error(`${this.#waiting.size} mutations wait for the server already ("maxMutations").`);
    }
    const shown = run === null ? null : this.#begin(run);
    const key = randomName();
    const patch = shown === null ? [] : patchOf(shown.optimism.layer);
    const mutation: QueuedMutation = { v: 1, key, at: Date.now(), document, variables, how, patch };
    this.#last = Math.max(Date.now(), this.#last + 1);
    const name = `${this.#prefix}${String(this.#last).padStart(16, '0')}-${key}`;
    const result = new Promise<Outcome>((resolve, reject) => {
      const own: Waiting = {
        ...{ name, mutation, optimism: shown?.optimism ?? null, isStored: false, failures: 0 },
        ...{ show: shown?.show ?? showing([]), caller: { resolve, reject } },
      };
      if (shown !== null) shown.own = own;
      this.#waiting.set(name, own);
      void this.#store(own).then(() => this.send());
    });
    this.#options.onChange();
    return result;
  }

  /** Sends what waits, unless that is under way. */
  send(): void {
    this.#isAsked = true;
    if (this.#isSending || this.#over.signal.aborted) return;
    this.#isSending = true;
    this.#attempts.cancel();
    void this.#send();
  }

  /** The server has answered something: a pause is over. */
  isBack(): void {
    if (this.#waiting.size > 0 && !this.#isSending) this.send();
  }

  /** Forgets all mutations of the user. */
  async clear(): Promise<void> {
    for (const own of [...this.#waiting.values()])
      this.#drop(own, new Error('The mutation was cleared before it was sent.'));
    const { storage } = this.#options;
    for (const [name] of await storage.list(this.#prefix)) await storage.update(name, () => undefined);
  }

  close(): void {
    const error = new Error('The client was closed. The mutation is sent by the next one.');
    this.#over.abort(error);
    this.#attempts.cancel();
    this.#channel?.close();
    for (const { caller } of this.#waiting.values()) caller?.reject(error);
  }

  #begin(run: Layer['run']): { readonly optimism: Optimism; readonly show: Layer['run']; own: Waiting } {
    // A mutation before it may have created an object that this one changes: what it shows is then made anew.
    let own: Waiting | null = null;
    const optimism = this.#host.begin((view, sink) => (own?.show ?? run)(view, sink));
    return {
      optimism,
      show: run,
      set own(waiting: Waiting) {
        own = waiting;
      },
    };
  }

  /** Shows what was made before a reload. */
  async #load(): Promise<void> {
    for (const [name, text] of await this.#options.storage.list(this.#prefix)) {
      if (this.#over.signal.aborted) return;
      if (!this.#waiting.has(name)) this.#adopt(name, text);
    }
  }

  #adopt(name: string, text: string): Waiting | null {
    const mutation = mutationOf(text);
    if (mutation === null) {
      this.#host.failed(new Error('A stored mutation cannot be read, and is forgotten.'));
      void this.#remove(name);
      return null;
    }
    this.#last = Math.max(this.#last, Number(name.slice(this.#prefix.length).split('-')[0]) || 0);
    const show = showing(mutation.patch);
    const begun = mutation.patch.length > 0 ? this.#begin(show) : null;
    const own: Waiting = {
      ...{ name, mutation, optimism: begun?.optimism ?? null, show, isStored: true, failures: 0, caller: null },
    };
    if (begun !== null) begun.own = own;
    this.#waiting.set(name, own);
    this.#options.onChange();
    return own;
  }

  /** What cannot be stored is sent all the same, as long as the page lives. */
  async #store(own: Waiting): Promise<void> {
    try {
      await this.#options.storage.update(own.name, () => textOf(own.mutation));
      own.isStored = true;
    } catch (error) {
      this.#host.failed(error);
    }
  }

  async #remove(name: string): Promise<void> {
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
        this.#attempts.reset();
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
    }
  }

  /** The first mutation of all pages. */
  async #next(): Promise<Waiting | null> {
    const stored = [...this.#waiting.values()].filter(({ isStored }) => isStored);
    const listed = new Map(await this.#options.storage.list(this.#prefix));
    for (const own of stored) if (!listed.has(own.name)) this.#sentElsewhere(own);
    for (const [name, text] of listed) if (!this.#waiting.has(name)) this.#adopt(name, text);
    const known = [...this.#waiting.values()].filter(({ name, isStored }) => listed.has(name) || !isStored);
    return known.sort(byName)[0] ?? null;
  }

  /** Sends one. Throws where it is to be sent again. */
  async #sendOne(own: Waiting): Promise<void> {
    const text = withIds(textOf(own.mutation), this.#ids);
    const { key, document, variables, how } = mutationOf(text) ?? own.mutation;
    const unknown = unknownIn(how.creates === undefined ? variables : withoutId(variables, how.creates.id));
    if (unknown !== undefined) {
      return this.#end(
        own,
        new Error(`The mutation was not sent: it needs ${unknown}, which the server did not create.`),
      );
    }
    const given = how.key === undefined ? variables : { ...variables, [how.key]: key };
    let answered: Answered;
    try {
      answered = await this.#host.request(document, given, { idempotencyKey: key, user: this.#options.user });
    } catch (error) {
      const status = Number(Object(error).status);
      if (status >= 400 && status < 500 && !PASSING.includes(status)) return this.#end(own, error);
      throw error;
    }
    const { errors = [] } = answered;
    const has = (codes: readonly unknown[]): ResponseError | undefined =>
      errors.find(({ extensions }) => codes.includes(extensions?.code));
    const passing = has(WAITS) ?? (own.failures++ < MAX_FAILURES ? has(FAILURES) : undefined);
    if (passing !== undefined) throw new Error(passing.message);
    if (errors.length === 0) await this.#created(own, answered.data);
    await this.#end(own, answered);
  }

  /** The objects that the mutation has created have real ids now: the mutations after it name these. */
  async #created(own: Waiting, data: unknown): Promise<void> {
    const { creates } = own.mutation.how;
    if (creates === undefined) return;
    const id = valueAt(data, creates.at);
    if (typeof id !== 'string' && typeof id !== 'number') {
      return this.#host.failed(new Error(`The answer has no id at "${creates.at}" ("creates").`));
    }
    this.#ids.set(creates.id, String(id));
    for (const other of this.#waiting.values()) {
      const text = textOf(other.mutation);
      if (other === own || !text.includes(creates.id)) continue;
      other.mutation = mutationOf(withIds(text, this.#ids)) ?? other.mutation;
      other.show = showing(other.mutation.patch);
    }
    const { storage } = this.#options;
    for (const [name, text] of await storage.list(this.#prefix)) {
      if (name === own.name || !text.includes(creates.id)) continue;
      await storage.update(name, (now) => now && withIds(now, this.#ids));
    }
  }

  async #end(own: Waiting, outcome: unknown): Promise<void> {
    await this.#remove(own.name);
    const answered = isAnswered(outcome) ? outcome : null;
    if (answered === null) return this.#drop(own, outcome);
    const { data, errors } = answered;
    this.#settle(own, answered);
    const told: Told = { name: own.name, result: { data, errors } };
    this.#channel?.postMessage(JSON.parse(JSON.stringify(told)));
  }

  #settle(own: Waiting, answered: Answered): void {
    if (!this.#waiting.delete(own.name)) return;
    const { data, errors } = answered;
    this.#host.end(own.optimism, answered);
    own.caller?.resolve({ data, errors });
    if (errors !== undefined && own.caller === null) {
      this.#host.failed(
        Object.assign(new Error(`The server has refused a mutation that was made earlier: ${errors[0]?.message}`), {
          errors,
          mutation: shownOf(own.mutation),
        }),
      );
    }
    this.#options.onChange();
  }

  /** It will not be answered. */
  #drop(own: Waiting, error: unknown): void {
    if (!this.#waiting.delete(own.name)) return;
    this.#host.end(own.optimism, null);
    if (own.caller === null) this.#host.failed(error);
    own.caller?.reject(error);
    this.#options.onChange();
  }

  /** Another page has got the answer to a mutation. */
  #told({ name, result }: Told): void {
    const own = this.#waiting.get(name);
    if (own !== undefined) this.#settle(own, { ...result, hasChanged: null });
  }

  #sentElsewhere(own: Waiting): void {
    own.isStored = true;
    setTimeout(() => this.#drop(own, new Error('Another page has sent the mutation. Its answer is lost.')), TOLD_MS);
  }
}

function isAnswered(outcome: unknown): outcome is Answered {
  return !(outcome instanceof Error) && typeof outcome === 'object' && outcome !== null;
}

function byName(a: Waiting, b: Waiting): number {
  return a.name < b.name ? -1 : 1;
}

/** The variables, but for the object's own id. */
function withoutId(variables: Variables, id: string): Variables {
  const { ...others } = variables;
  return JSON.parse(JSON.stringify(others).replaceAll(id, ''));
}

/** What users of the queue see of a mutation. */
export function shownOf({ key, at, document, variables }: QueuedMutation): {
  readonly key: string;
  readonly at: number;
  readonly operationName: string | undefined;
  readonly variables: Variables;
} {
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
  return { key, at, operationName: operation?.name?.value, variables };
}
