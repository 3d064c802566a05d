import type { RedisOptions } from 'ioredis';
import { anything, type OptionTable, ownOptions } from '../../../errors/checkOptions.ts';
import { errorOf } from '../../../errors/errorOf.ts';
import { emitWarning } from '../../../utils/emitWarning.ts';
import type { Invalidator } from '../../Invalidator.ts';
import { FollowError, gapError } from '../errors.ts';
import { followRows } from '../followRows.ts';
import { type Batch, checkKeysOf, type RowChange, type RowOptions } from '../RowChange.ts';
import { ChangeStreams, type Entry, type Taken } from './ChangeStreams.ts';
import { changesOfAll, changesOfMessage } from './changesOfMessage.ts';

/** The options of `followChanges.debezium`. */
export interface DebeziumFollowOptions extends RowOptions {
  /** The Redis that Debezium writes to, version 7 or later: a URI, or options of `ioredis`. */
  readonly connection: string | Omit<RedisOptions, 'replyMapping'>;
  /** The streams that it writes: one for each table, `prefix.database.table`, and `prefix` for changes of tables themselves. */
  readonly streams: readonly string[];
  /** The consumer group that keeps the place. Followers of one version store share one. Default `planql`. */
  readonly group?: string;
  /** Ends the follower. */
  readonly signal?: AbortSignal;
}

const optionTable: OptionTable<DebeziumFollowOptions> = {
  ...{ connection: anything, streams: anything, group: anything },
  ...{ keysOf: anything, onError: anything, signal: anything },
};

/** For so long, what another follower has taken is left to it. */
const LEFT_MS = 10_000;

/** What was taken, and the changes in it. */
interface StreamBatch extends Batch {
  readonly taken: Taken;
}

/**
 * Invalidates by the Redis streams that Debezium Server writes: each change at least once. The place is kept by a consumer
 * group. If entries or the group were removed, all clients fetch again, and `onError` is told; also for a message that cannot
 * be read. Needs the package `ioredis`. Resolves when the signal is aborted. Spec 11.8.10.4.
 *
 * @throws FollowError if the package is missing, if Redis is too old, or if it does not let its user do what is needed.
 */
export async function followDebezium(
  invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>,
  options: DebeziumFollowOptions,
): Promise<void> {
  const own = ownOptions('followChanges.debezium', options, optionTable);
  checkPlace(own);
  checkKeysOf('followChanges.debezium', own.keysOf);
  const { connection, keysOf, group = 'planql', onError = (error: unknown) => emitWarning(errorOf(error)) } = own;
  const names = [...new Set(own.streams)];
  const { signal = new AbortController().signal } = own;
  /** Streams whose group was there: it was removed since, or the stream was. */
  const known = new Set<string>();
  /** By the name of a key that is no stream, its type: that was told. */
  const others = new Map<string, string>();
  let streams: ChangeStreams | null = null;

  function batchOf(taken: Taken): StreamBatch {
    const { stream, state, entries, added } = taken;
    if (state === 'gap') onError(gapError(`entries of the stream "${stream}" were removed before they were read.`));
    if (state === 'new' && known.has(stream)) onError(gapError(`the stream "${stream}" or its group was removed.`));
    else if (state === 'new' && added > 0) onError(gapError(noGroup(stream, group)));
    const changes =
      state === 'taken'
        ? changesOfAll(entries, changesOfEntry, ([id]) => `entry ${id} of the stream "${stream}"`, onError)
        : null;
    return { changes, place: null, taken };
  }

  /** Whether a key is no stream. It is told once, and again when its type is another one. */
  function isOther({ stream, state, last: type }: Taken): boolean {
    if (state !== 'other') {
      others.delete(stream);
      return false;
    }
    if (others.get(stream) !== type) onError(otherError(stream, type));
    others.set(stream, type);
    return true;
  }

  async function* read(streams: ChangeStreams): AsyncGenerator<StreamBatch, void> {
    /** Streams without entries that this follower may have taken before it was killed. Until then they are taken at once. */
    const settled = new Set<string>();
    while (!signal.aborted) {
      const empty: string[] = [];
      let isMore = false;
      // One batch of each in turn: a stream that never ends keeps none of the others back.
      for (const name of names) {
        const taken = await streams.take(name, settled.has(name) ? LEFT_MS : 0);
        if (isOther(taken)) continue;
        if (taken.state !== 'taken' || taken.entries.length > 0) {
          isMore = true;
          yield batchOf(taken);
        } else {
          empty.push(name);
          settled.add(name);
          known.add(name);
        }
      }
      if (!isMore) await streams.wait(empty, signal);
    }
  }

  async function* open(): AsyncGenerator<StreamBatch, void> {
    const end = (): void => streams?.close();
    try {
      streams = await ChangeStreams.open(connection, group, names);
      signal.addEventListener('abort', end);
      yield* read(streams);
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  async function onTold({ taken }: StreamBatch): Promise<void> {
    await streams?.told(taken);
    known.add(taken.stream);
  }

  await followRows(invalidator, open, { keysOf, onTold, onError, signal });
}

function noGroup(stream: string, group: string): string {
  return `the stream "${stream}" has entries, and no group "${group}". If this is not its first follower, somebody removed the group.`;
}

function otherError(stream: string, type: string): FollowError {
  return new FollowError(
    'FOLLOW_SERVER',
    `The key "${stream}" of "streams" holds a value of the type ${type}, so no changes of it are told. Correct the name, or remove the key: it is followed when it is a stream.`,
  );
}

/** The format `compact` has one field, named by the key; `extended` has the fields `key` and `value`, and headers. */
function changesOfEntry([, fields]: Entry): readonly RowChange[] {
  const at = fields.length === 2 ? 0 : fields.findIndex((name, index) => index % 2 === 0 && name === 'value');
  const value = at < 0 ? '' : (fields[at + 1] ?? '');
  // The text that Debezium Server writes for null.
  return value === 'default' ? [] : changesOfMessage(value);
}

function checkPlace({ connection, streams }: DebeziumFollowOptions): void {
  if (
    typeof connection === 'string' &&
    !/^rediss?:$/.test(URL.canParse(connection) ? new URL(connection).protocol : '')
  )
    throw new FollowError(
      'FOLLOW_OPTIONS',
      'followChanges.debezium: "connection" is no URI like redis://user:password@host:6379.',
    );
  const isName = (name: unknown): boolean => typeof name === 'string' && name !== '';
  if (Array.isArray(streams) && streams.length > 0 && streams.every(isName)) return;
  throw new FollowError(
    'FOLLOW_OPTIONS',
    'followChanges.debezium: "streams" is ["prefix.database.table", …], with at least one stream.',
  );
}
