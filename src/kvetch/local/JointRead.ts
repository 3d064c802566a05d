import { Eventual } from '../../utils/Eventual.ts';
import { readKinds } from '../reads/readKinds.ts';
import { isPromise } from '../shards/chain.ts';
import { plainRead } from '../shards/ForwardingStore.ts';
import type {
  Batch,
  Entry,
  MixedAnswers,
  MixedOptions,
  MixedReads,
  ReadKey,
  ReadKind,
  ReadRow,
  ShardStore,
} from '../shards/ShardStore.ts';

type Answers = Eventual<ReadonlyArray<Entry<unknown>>>;

/** Gathers the rest of a mixed read, kind by kind, and sends it to a store as one call. */
export class JointRead {
  readonly #store: ShardStore;
  readonly #options: MixedOptions;
  readonly #reads: Partial<Record<ReadKind, { readonly keys: readonly unknown[]; readonly answers: Answers }>> = {};
  #isSent = false;

  constructor(store: ShardStore, options: MixedOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** A kind that comes after the others were sent goes alone. */
  load<K extends ReadKind>(kind: K, keys: ReadonlyArray<ReadKey<K>>): Batch<ReadRow<K>> {
    if (keys.length === 0) return [];
    if (this.#isSent || this.#reads[kind] !== undefined) {
      return readKinds[kind].call(this.#store, keys as never, this.#options[kind] ?? plainRead);
    }
    const answers: Answers = new Eventual();
    this.#reads[kind] = { keys, answers };
    return answers as Batch<ReadRow<K>>;
  }

  send(): void {
    this.#isSent = true;
    const kinds = Object.keys(this.#reads) as ReadKind[];
    const [first] = kinds;
    if (first === undefined) return;
    if (kinds.length === 1) {
      const only = this.#keysOf(first);
      this.#settle(
        () => readKinds[first].call(this.#store, only as never, this.#options[first] ?? plainRead),
        (answers) => this.#come(first, answers),
      );
      return;
    }
    const reads = Object.fromEntries(allKinds.map((kind) => [kind, this.#keysOf(kind)])) as MixedReads;
    this.#settle(
      () => this.#store.read(reads, this.#options),
      (answers) => {
        for (const kind of kinds) this.#come(kind, (answers as Partial<MixedAnswers> | null)?.[kind]);
      },
    );
  }

  /** Waiters go on in this turn: a reply that does not answer all keys is an error of each. */
  #come(kind: ReadKind, entries: unknown): void {
    const read = this.#reads[kind];
    if (read === undefined) return;
    const isComplete = Array.isArray(entries) && entries.length === read.keys.length;
    read.answers.come(
      isComplete ? entries : new Array(read.keys.length).fill(new TypeError('wrong number of answers')),
    );
  }

  #keysOf(kind: ReadKind): readonly unknown[] {
    return this.#reads[kind]?.keys ?? [];
  }

  #settle(read: () => unknown, land: (answers: unknown) => void): void {
    const failed = (cause: unknown): void => {
      const error = cause instanceof Error ? cause : new Error('A store failed.', { cause });
      for (const { keys, answers } of Object.values(this.#reads)) answers.come(new Array(keys.length).fill(error));
    };
    try {
      const answers = read();
      if (answers instanceof Eventual) answers.whenThere(land);
      else if (isPromise(answers)) void answers.then(land, failed);
      else land(answers);
    } catch (cause) {
      failed(cause);
    }
  }
}

const allKinds = Object.keys(readKinds) as readonly ReadKind[];
