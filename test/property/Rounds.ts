import type { ShardStore } from 'planql/kvetch';

/** What one key asks for, as text; windows of a list with the same start are one. */
export function nameOf(kind: string, key: unknown): string {
  if (typeof key === 'string') return `object ${key}`;
  const { edgeId, fromId, afterId, index, value } = key as Record<string, unknown>;
  if (kind === 'counts') return `count ${edgeId} ${fromId}`;
  return kind === 'entries' ? `entries ${index} ${value} ${afterId}` : `page ${edgeId} ${fromId} ${afterId}`;
}

export interface Fault {
  /** The call, counted from 0, that fails as a whole. */
  readonly call?: number;
  /** Keys that fail whenever they are asked for. */
  readonly keys?: ReadonlySet<string>;
}

const kindOf: Readonly<Record<string, string>> = {
  readObjects: 'objects',
  readEdgePages: 'pages',
  countEdges: 'counts',
  readEntryPages: 'entries',
};

/** So many turns of the event loop without a call are the end of a round. */
const QUIET = 3;

/**
 * What several servers are asked, where all calls take equally long: those that are made while others are under way are
 * answered when nobody makes another one. Counts these rounds, and can fail.
 */
export class Rounds {
  rounds = 0;
  /** The keys of each call. */
  readonly calls: string[][] = [];
  #fault: Fault;
  #waiting: (() => void)[] = [];
  #quiet = 0;

  constructor(fault: Fault = {}) {
    this.#fault = fault;
  }

  /** Counts from now on, and fails as it is told. */
  begin(fault: Fault): void {
    this.#fault = fault;
    this.rounds = 0;
    this.calls.length = 0;
  }

  /** How many keys were asked for, of those that count. */
  count(counts: (key: string) => boolean): number {
    return this.calls.reduce((sum, keys) => sum + keys.filter(counts).length, 0);
  }

  /** The same store, on a server of this network. */
  wrap(store: ShardStore): ShardStore {
    return new Proxy(store, {
      get: (target, name, receiver) => {
        const member = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return name === 'answersAtOnce' ? false : member;
        const kind = kindOf[name as string];
        if (name === 'read') {
          return (reads: Record<string, readonly unknown[]>, ...rest: unknown[]) =>
            this.#call(
              reads,
              () => member.call(target, reads, ...rest),
              (answers) => answers,
            );
        }
        if (kind === undefined) return member.bind(target);
        return (keys: readonly unknown[], ...rest: unknown[]) =>
          this.#call(
            { [kind]: keys },
            async () => ({ [kind]: await member.call(target, keys, ...rest) }),
            (all) => all[kind],
          );
      },
    });
  }

  /** An object of this network: its methods wait, and answer with what they returned. */
  object<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const member = Reflect.get(of, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          await this.#wait();
          return member.apply(of, args);
        };
      },
    });
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#quiet = 0;
      if (this.#waiting.push(resolve) === 1) this.#beat();
    });
  }

  async #call(
    reads: Readonly<Record<string, readonly unknown[]>>,
    read: () => unknown,
    answerOf: (answers: Record<string, unknown>) => unknown,
  ): Promise<unknown> {
    const names = Object.fromEntries(
      Object.entries(reads).map(([kind, keys]) => [kind, keys.map((key) => nameOf(kind, key))]),
    );
    const number = this.calls.push(Object.values(names).flat()) - 1;
    await this.#wait();
    if (this.#fault.call === number) throw new Error('a fault');
    const answers = (await read()) as Record<string, readonly unknown[]>;
    const failing = Object.fromEntries(
      Object.entries(answers).map(([kind, entries]) => [
        kind,
        entries.map((entry, at) => (this.#fault.keys?.has(names[kind]?.[at] ?? '') ? new Error('a fault') : entry)),
      ]),
    );
    return answerOf(failing);
  }

  #beat(): void {
    setImmediate(() => {
      if (++this.#quiet <= QUIET) return this.#beat();
      this.#quiet = 0;
      this.rounds++;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const answer of waiting) answer();
    });
  }
}
