import { itemAt } from '../../utils/itemAt.ts';
import { ShardMovedError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { NodeFailure } from '../shards/NodeFailure.ts';
import type { Entry } from '../shards/ShardStore.ts';
import type { MysqlServer } from './MysqlServer.ts';
import { isFenced } from './serverErrors.ts';
import { CLOSED, isKept, isNoMark, isReadable, isWritable, selectEpoch, stateOf } from './shardStates.ts';

/** The shards of a server, as it reported them at one epoch. */
export interface Holdings {
  readonly epoch: number;
  /** By shard. */
  readonly states: Uint8Array;
  /** By shard: how often it was opened, closed or taken over by a mover, here and where it was before. */
  readonly epochs: readonly number[];
}

/** The result of a read, and the epoch of the server at the moment that it shows. */
export interface Snapshot<T> {
  /** `null` when it does not matter, as nothing was found and nothing was asked for by name. */
  readonly epoch: number | null;
  readonly answers: readonly T[];
}

const TRIES = 5;
const NOTHING: Uint8Array = new Uint8Array(LOGICAL_SHARDS);

/**
 * Keeps reads and writes of shards that are not (or not any more) on a server from being believed, and writes of a process that
 * has not heard that changes are kept: it hears when it asks why it was refused.
 */
export class Fence {
  readonly #server: MysqlServer;
  readonly #leastEpoch: () => number;
  #known: Holdings | null = null;
  #loading: Promise<Holdings> | null = null;

  /** A server that reports an epoch before `leastEpoch` is not believed: it is a copy that has not heard of it yet. */
  constructor(server: MysqlServer, leastEpoch: () => number = () => 0) {
    this.#server = server;
    this.#leastEpoch = leastEpoch;
  }

  /** The newest epoch that the server is known to have had. */
  get knownEpoch(): number {
    return this.#known?.epoch ?? 0;
  }

  /** Asks the server for its shards. Calls at the same time share one question. */
  load(): Promise<Holdings> {
    this.#loading ??= readHoldings(this.#server)
      .then((holdings) => {
        this.#known = holdings;
        return holdings;
      })
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }

  /** Asks after a refusal: a question that is under way may be older than that. */
  async reload(): Promise<Holdings> {
    await this.#loading?.catch(() => {});
    return this.load();
  }

  /** Reads, and answers with an error for the entries of shards that were not here at the moment that was read. */
  async read<TKey, TOut>(
    keys: readonly TKey[],
    shardOf: (key: TKey) => number,
    run: () => Promise<Snapshot<Entry<TOut>>>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const { states, answers } = await this.at(run);
    if (keys.every((key) => isReadable(states[shardOf(key)] ?? CLOSED))) return answers;
    return keys.map((key, at) => {
      const shard = shardOf(key);
      return isReadable(states[shard] ?? CLOSED) ? itemAt(answers, at) : new ShardMovedError(shard);
    });
  }

  /** Reads at an epoch whose holdings are known. */
  async at<T>(
    run: () => Promise<Snapshot<T>>,
  ): Promise<{ readonly answers: readonly T[]; readonly states: Uint8Array }> {
    for (let tries = 1; tries <= TRIES; tries++) {
      const { epoch, answers } = await run();
      if (epoch === null) return { answers, states: NOTHING };
      if (epoch < this.#leastEpoch())
        throw new NodeFailure('not-applied', new Error('it lags behind a move of shards'));
      // the state loaded now may be younger than the read: then the read must be repeated
      const known = this.#known?.epoch === epoch ? this.#known : await this.load();
      if (known.epoch === epoch) return { answers, states: known.states };
    }
    throw new NodeFailure('not-applied', new Error(`The epoch of the server changed ${TRIES} times during a read.`));
  }

  /**
   * Runs a write that the server refuses as a whole when one of its shards is not open: the entries of such shards are
   * errors, the others are written.
   */
  async write<TIn, TOut>(
    part: readonly TIn[],
    shardOf: (entry: TIn) => number,
    run: (part: readonly TIn[]) => Promise<ReadonlyArray<Entry<TOut>>>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    let open = part;
    for (let tries = 1; ; tries++) {
      try {
        const answers = open.length === 0 ? [] : await run(open);
        if (open.length === part.length) return answers;
        let next = 0;
        return part.map((entry) =>
          entry === open[next] ? itemAt(answers, next++) : new ShardMovedError(shardOf(entry)),
        );
      } catch (error) {
        if (!isFenced(error) || tries === TRIES) throw error;
        const { states } = await this.reload();
        open = part.filter((entry) => isWritable(states[shardOf(entry)] ?? CLOSED));
      }
    }
  }

  /** Why updates found no rows: `ShardMovedError` for those whose shard is not open, `null` for the others. */
  async explainUnmatched(shards: readonly number[]): Promise<ReadonlyArray<ShardMovedError | null>> {
    if (shards.length === 0) return [];
    const { states } = await this.reload();
    return shards.map((shard) => (isWritable(states[shard] ?? CLOSED) ? null : new ShardMovedError(shard)));
  }
}

async function readHoldings(server: MysqlServer): Promise<Holdings> {
  const rows = await server.read((session) =>
    session.rows<[shard: number | null, state: number, epoch: unknown]>(
      `SELECT shard, state, epoch FROM kvetch_shards WHERE ${isNoMark} UNION ALL ${selectEpoch('NULL, NULL, ')}`,
    ),
  );
  const states = new Uint8Array(LOGICAL_SHARDS);
  const epochs: number[] = new Array(LOGICAL_SHARDS).fill(0);
  let epoch = 0;
  for (const [shard, state, number] of rows) {
    if (shard === null)
      epoch = Number(number); // a DECIMAL, as the union of signed and unsigned numbers
    else {
      states[shard] = stateOf(state);
      server.keepsChanges ||= isKept(state);
      epochs[shard] = Number(number);
    }
  }
  return { epoch, states, epochs };
}
