import { randomInt } from 'node:crypto';
import type { ConnectionOptions } from 'mysql2/promise';
import { anything, integer, type OptionTable, ownOptions } from '../../../errors/checkOptions.ts';
import { errorOf } from '../../../errors/errorOf.ts';
import { emitWarning } from '../../../utils/emitWarning.ts';
import { propertiesOf } from '../../../utils/propertiesOf.ts';
import type { Invalidator } from '../../Invalidator.ts';
import { FollowError, gapError } from '../errors.ts';
import { followRows } from '../followRows.ts';
import { type Batch, checkKeysOf, type PlaceOptions, type RowOptions } from '../RowChange.ts';
import { MysqlServer } from './MysqlServer.ts';
import { readBinlog } from './readBinlog.ts';
import type { Tables } from './statements.ts';

/** The options of `followChanges.mysql`. */
export interface MysqlFollowOptions extends RowOptions, PlaceOptions {
  /** The server, as `mysql2` takes it: a URI, or its options. The user needs REPLICATION SLAVE, REPLICATION CLIENT (MariaDB: BINLOG MONITOR) and SELECT on the tables. */
  readonly connection: string | ConnectionOptions;
  /** By database, the tables that other programs write; `true`: all of them. */
  readonly tables: Tables;
  /** The number by which the server knows the follower, other than those of all servers and followers. Default: a random one. */
  readonly serverId?: number;
}

const optionTable: OptionTable<MysqlFollowOptions> = {
  ...{ connection: anything, tables: anything, serverId: integer(1) },
  ...{ keysOf: anything, onError: anything, load: anything, save: anything, signal: anything },
};

const UNNAMED =
  'a transaction changed more than 50,000 rows, or came as a statement without rows. Set binlog_format=ROW in all sessions.';
/** A binlog that the server no longer has, or one of another server. */
const GONE = new Set([1236, 1945, 1955, 1956, 1957]);

/**
 * Invalidates by the binlog of MariaDB 10.5 or later, or MySQL 8 with GTIDs: row events, in their order, each at least once,
 * when readers see them. Needs the packages `mysql2` and `@vlasky/zongji`. If the server no longer has the place that `load`
 * gives, all clients fetch again, and `onError` is told. Resolves when the signal is aborted. Spec 11.8.10.3.
 *
 * @throws FollowError if a package is missing, or the server does not write such a binlog.
 */
export async function followMysql(
  invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>,
  options: MysqlFollowOptions,
): Promise<void> {
  const own = ownOptions('followChanges.mysql', options, optionTable);
  checkKeysOf('followChanges.mysql', own.keysOf);
  checkTables(own.tables);
  const { keysOf, load, save, tables, onError = (error: unknown) => emitWarning(errorOf(error)) } = own;
  const serverId = own.serverId ?? randomInt(2 ** 30, 2 ** 31);
  const connection = connectionOf(own.connection);
  const { signal = new AbortController().signal } = own;
  /** How often the stream failed, for a reason of its own, without a step ahead. */
  let stuck = 0;
  let gap: unknown = null;

  async function* read(server: MysqlServer, place: string): AsyncGenerator<Batch, void> {
    try {
      for await (const batch of readBinlog(server, place, { connection, tables, serverId, signal })) {
        if (batch.changes === null) onError(gapError(UNNAMED));
        yield batch;
        stuck = 0;
      }
    } catch (error) {
      const { errno, code } = propertiesOf(error);
      // What the network or the server say has a code.
      if (code === undefined && !signal.aborted) stuck++;
      if (GONE.has(Number(errno)))
        gap = gapError('the server no longer has its binlog from the noted place on.', error);
      else if (stuck > 1) gap = gapError('the binlog cannot be read at the noted place.', error);
      throw error;
    }
  }

  async function* open(): AsyncGenerator<Batch, void> {
    let server: MysqlServer | null = null;
    try {
      server = await MysqlServer.open(connection);
      let place = gap === null ? await load() : null;
      if (place !== null && !isPlace(place, server.isMariaDb)) {
        gap = gapError('"load" gave a place that is none of this server.');
        place = null;
      }
      if (place === null) {
        place = await server.place();
        await server.untilVisible(place, null);
        if (gap !== null) onError(gap);
        yield { changes: null, place };
        gap = null;
        stuck = 0;
      }
      yield* read(server, place);
    } finally {
      server?.close();
    }
  }

  const onTold = ({ place }: Batch): unknown => (place === null ? undefined : save(place));
  await followRows(invalidator, open, { keysOf, onTold, onError, signal });
}

function checkTables(tables: Tables): void {
  const entries = Object.entries(tables ?? {});
  const isList = (list: unknown): boolean => list === true || (Array.isArray(list) && list.length > 0);
  if (entries.length > 0 && entries.every(([, list]) => isList(list))) return;
  throw new FollowError(
    'FOLLOW_OPTIONS',
    'followChanges.mysql: "tables" is { database: ["table", …] or true }, with at least one table.',
  );
}

function connectionOf(given: string | ConnectionOptions): ConnectionOptions {
  if (typeof given === 'object') return given;
  if (!URL.canParse(given))
    throw new FollowError(
      'FOLLOW_OPTIONS',
      'followChanges.mysql: "connection" is no URI like mysql://user:password@host:3306.',
    );
  return { uri: given };
}

/** Whether a text is a place in such a binlog: it becomes a part of statements. */
function isPlace(text: unknown, isMariaDb: boolean): text is string {
  const gtids = isMariaDb
    ? /^(\d+-\d+-\d+(,\d+-\d+-\d+)*)?$/
    : /^([\da-f-]{36}(:[\w-]+)+(,[\da-f-]{36}(:[\w-]+)+)*)?$/i;
  return typeof text === 'string' && gtids.test(text);
}
