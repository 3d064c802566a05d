import { LOGICAL_SHARDS, shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { MoveOptions, Stage } from '../../../src/kvetch/mysql/move/moveOptions.ts';
import { spansOf } from '../../../src/kvetch/mysql/move/spans.ts';
import { ARRIVING } from '../../../src/kvetch/mysql/shardStates.ts';
import { KvetchError } from '../../../src/kvetch.ts';
import type { Fleet } from './Fleet.ts';
import type { History } from './History.ts';
import type { ShardWatch } from './ShardWatch.ts';
import { below, oneOf, pause, random, virtualNow } from './virtualTime.ts';

type Range = Pick<MoveOptions, 'from' | 'to' | 'shards'>;

const STAGES: readonly Stage[] = ['copy', 'tail', 'freeze', 'verify', 'close', 'open', 'purge', 'abort'];
const STALLED_MS = 60_000;
const TRIES = 10;

/** What became of moves. */
export interface MoveCounts {
  begun: number;
  done: number;
  takenBack: number;
  failed: number;
  rows: number;
  frozenMs: number;
}

/** Movers: they stop in the middle, others go on with their work or take it back, and both may happen at the same time. */
export class Moves {
  readonly counts: MoveCounts = { begun: 0, done: 0, takenBack: 0, failed: 0, rows: 0, frozenMs: 0 };
  readonly #fleet: Fleet;
  readonly #history: History;
  readonly #watch: ShardWatch;
  readonly #size: number;
  readonly #ids: readonly string[];
  /** Moves that are not known to have ended. */
  readonly #open: Range[] = [];
  readonly #all: Range[] = [];
  #names = 0;
  #isOver = false;

  constructor(fleet: Fleet, history: History, watch: ShardWatch, size: number, ids: readonly string[]) {
    [this.#fleet, this.#history, this.#watch, this.#size, this.#ids] = [fleet, history, watch, size, ids];
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Moves some shards somewhere, again and again. */
  async run(pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      await pause(random() * pauseMs);
      const open = this.#open.length > 0 && random() < 0.6 ? oneOf(this.#open) : null;
      if (open !== null) await this.#attempt(open, random() < 0.5 ? 'resume' : 'abort', true);
      else await this.#begin();
    }
  }

  async #begin(): Promise<void> {
    // where objects are
    const first = Math.max(0, shardOfId(oneOf(this.#ids)) - below(this.#size));
    const from = this.#watch.placeOf(first);
    const to = oneOf(this.#fleet.servers);
    if (from === undefined || to === from) return;
    let last = first;
    while (last < LOGICAL_SHARDS - 1 && last - first + 1 < this.#size && this.#watch.placeOf(last + 1) === from) last++;
    const range: Range = { from: from.name, to: to.name, shards: [first, last] };
    this.#open.push(range);
    this.#all.push(range);
    this.counts.begun++;
    // nobody waits for this one: it may stop, while others begin
    void this.#attempt(range, 'start', true).catch((error: unknown) => this.#surprise(error));
  }

  #surprise(error: unknown): void {
    this.#problem ??= error;
  }

  #problem: unknown = null;

  /** An error that nobody waited for. */
  get problem(): unknown {
    return this.#problem;
  }

  async #attempt(range: Range, mode: NonNullable<MoveOptions['mode']>, mayStop: boolean): Promise<boolean> {
    const mover = this.#fleet.program(`mover-${this.#names++}`, { outboxPollMs: 0 }, false);
    const { name } = mover.process;
    const shards = this.#aboutShards(range);
    const tell = (text: string): void =>
      this.#history.note(
        `${name}: ${mode} of shards ${range.shards.join('-')} from ${range.from} to ${range.to} ${text}`,
        ...shards,
      );
    tell('begins');
    // so that a mover stops between any two of its steps
    let stopAt = mayStop && random() < 0.5 ? oneOf(STAGES) : null;
    const onProgress = async ({ stage }: { readonly stage: Stage }): Promise<void> => {
      if (stage !== stopAt) return;
      stopAt = null;
      const ms = random() < 0.2 ? Number.POSITIVE_INFINITY : 500 + below(15_000);
      tell(`stops for ${ms} ms before "${stage}"`);
      if (ms === Number.POSITIVE_INFINITY) mover.process.isDead = true;
      else mover.process.pausedUntil = virtualNow() + ms;
    };
    try {
      const chunk = 1 + below(this.#size);
      const work = mover.cluster.move({ ...range, mode, chunk, onProgress });
      const { rows, frozenMs } = await work;
      tell('has ended');
      if (mode === 'abort') this.counts.takenBack++;
      else this.counts.done++;
      this.counts.rows += rows;
      this.counts.frozenMs = Math.max(this.counts.frozenMs, frozenMs);
      this.#close(range);
      return true;
    } catch (error) {
      if (!(error instanceof KvetchError)) throw error;
      tell(`fails: ${error.message}`);
      this.counts.failed++;
      return false;
    } finally {
      void mover.kvetch.close();
    }
  }

  #close(range: Range): void {
    const at = this.#open.indexOf(range);
    if (at >= 0) this.#open.splice(at, 1);
  }

  #aboutShards({ shards: [from, to] }: Range): readonly string[] {
    return Array.from({ length: to - from + 1 }, (_, at) => `shard ${from + at}`);
  }

  /** When nothing fails any more, every move must end, or be taken back, in a while. */
  async finish(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const unfinished = this.#unfinished();
      if (unfinished.length === 0) return;
      if (tries > TRIES) {
        const { shard, where } = unfinished[0] as { readonly shard: number; readonly where: string };
        this.#history.fail(`No move of shard ${shard} ends, and none is taken back: it is ${where}.`, `shard ${shard}`);
      }
      const before = virtualNow();
      const all = [...this.#open].reverse();
      for (const range of all) {
        if (!(await this.#attempt(range, 'resume', false))) await this.#attempt(range, 'abort', false);
      }
      // an abort may have come before its mover's next part, which that one has left since: "kvetch check" names it
      const left = new Set(this.#unfinished().map(({ shard }) => shard));
      const isLeft = ({ shards: [from, to] }: Range): boolean =>
        [...left].some((shard) => from <= shard && shard <= to);
      for (const range of [...this.#all.filter(isLeft)].reverse()) await this.#attempt(range, 'abort', false);
      for (const range of this.#leftovers()) await this.#attempt(range, 'abort', false);
      if (virtualNow() - before > STALLED_MS * Math.max(1, all.length))
        this.#history.fail('A move does not end in a minute.');
    }
  }

  /** What a mover that came late has left at a server, while the shard is open at another: "kvetch check" names it, an abort removes it. */
  #leftovers(): readonly Range[] {
    return this.#fleet.servers.flatMap((server) => {
      const arriving = new Set(server.shards().flatMap(({ shard, state }) => (state === ARRIVING ? [shard] : [])));
      const placeOf = (shard: number): string => (arriving.has(shard) ? (this.#watch.placeOf(shard)?.name ?? '') : '');
      return spansOf([0, LOGICAL_SHARDS - 1], placeOf).flatMap(({ span, of: from }) =>
        from === '' ? [] : [{ from, to: server.name, shards: span }],
      );
    });
  }

  /** Shards that are not open at one server, and closed at the others. */
  #unfinished(): ReadonlyArray<{ readonly shard: number; readonly where: string }> {
    const states = new Map<number, string[]>();
    const names = ['closed', 'open', 'copying', 'frozen', 'arriving'];
    for (const server of this.#fleet.servers) {
      for (const { shard, state } of server.shards())
        states.set(shard, [...(states.get(shard) ?? []), `${names[state]} at ${server.name}`]);
    }
    const found: Array<{ readonly shard: number; readonly where: string }> = [];
    for (let shard = 0; shard < LOGICAL_SHARDS; shard++) {
      const where = states.get(shard) ?? ['nowhere'];
      if (where.length !== 1 || !where[0]?.startsWith('open')) found.push({ shard, where: where.join(', ') });
    }
    return found;
  }
}
