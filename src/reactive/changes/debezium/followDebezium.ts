import type { RedisOptions } from 'ioredis';
import { anything, checkOptions, type OptionTable } from '../../../errors/checkOptions.ts';
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
 * group. If entries were removed before they were read, all clients fetch again, and `onError` is told; also for a message
 * that cannot be read. Needs the package `ioredis`. Resolves when the signal is aborted. Spec 11.8.10.4.
 *
 * @throws FollowError if the package is missing, or Redis is too old.
 */
export async function followDebezium(
  invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>,
  options: DebeziumFollowOptions,
): Promise<void> {
  checkOptions('followChanges.debezium', options, optionTable);
  checkPlace(options);
  checkKeysOf('followChanges.debezium', options.keysOf);
  const { connection, keysOf, group = 'planql', onError = (error: unknown) => emitWarning(errorOf(error)) } = options;
  const names = [...new Set(options.streams)];
  const { signal = new AbortController().signal } = options;
  /** Streams whose group was there: it was removed since, or the stream was. */
  const known = new Set<string>();
  let streams: ChangeStreams | null = null;

  function batchOf(taken: Taken): StreamBatch {
    const { stream, state, entries } = taken;
    if (state === 'gap') onError(gapError(`entries of the stream "${stream}" were removed before they were read.`));
    if (state === 'new' && known.has(stream)) onError(gapError(`the stream "${stream}" or its group was removed.`));
    known.add(stream);
    const changes =
      state === 'taken'
        ? changesOfAll(entries, changesOfEntry, ([id]) => `entry ${id} of the stream "${stream}"`, onError)
        : null;
    return { changes, place: null, taken };
  }

  async function* read(streams: ChangeStreams): AsyncGenerator<StreamBatch, void> {
    // What this follower had taken before it was killed is taken at once.
    for (let leftMs = 0; !signal.aborted; leftMs = LEFT_MS) {
      for (const name of names) {
        for (;;) {
          const taken = await streams.take(name, leftMs);
          if (taken.state === 'taken' && taken.entries.length === 0) break;
          yield batchOf(taken);
        }
        known.add(name);
      }
      await streams.wait(names);
    }
  }

  async function* open(): AsyncGenerator<StreamBatch, void> {
    const end = (): void => streams?.close();
    try {
      streams = await ChangeStreams.open(connection, group);
      signal.addEventListener('abort', end);
      yield* read(streams);
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  await followRows(invalidator, open, { keysOf, onTold: ({ taken }) => streams?.told(taken), onError, signal });
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
