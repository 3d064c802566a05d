import { hostname } from 'node:os';
import { anything, checkOptions, integer, type OptionTable } from '../errors/checkOptions.ts';
import type { EngineArgs } from '../reactive/ReactiveEngine.ts';
import type { VersionStore } from '../reactive/versions/VersionStore.ts';
import type { Watches } from '../reactive/versions/Watches.ts';
import { fromThisMachine, type Peer } from '../utils/fromThisMachine.ts';
import { notFound } from './answers.ts';
import { ChangeLog } from './ChangeLog.ts';
import type { InspectedEngine, InspectorStats } from './InspectedEngine.ts';
import { InspectorPages } from './InspectorPages.ts';
import type { OperationNote } from './OperationNote.ts';
import { Recorder } from './Recorder.ts';
import { Ring } from './Ring.ts';
import type { InvalidationRecord, ShownOptions } from './records.ts';

/** The options of `createInspector`. */
export interface InspectorOptions<TArgs extends EngineArgs = EngineArgs> {
  /** Operations of this engine are recorded. */
  readonly engine: InspectedEngine<TArgs>;
  /** The object of `createReactive` or `createInvalidator`: changes and their effects are recorded, too. */
  readonly reactive?: { readonly versions: VersionStore; readonly watches: Watches };
  /**
   * Whether a request may see the inspector. Default: `fromThisMachine`; and where `NODE_ENV` is `production` nothing is
   * recorded and everybody gets a 404.
   */
  readonly allow?: (request: Request, peer: Peer | null) => boolean | Promise<boolean>;
  /**
   * Lets people run a query again: makes the arguments of `execute` beside document, operation name and variables, the
   * `contextValue` say, for the request of that person. It needs `allow`. Default: nobody can.
   */
  readonly replay?: (request: Request) => Partial<TArgs> | Promise<Partial<TArgs>>;
  /** Whether values of variables, and dependency keys as texts, are recorded. Default: neither. */
  readonly show?: ShownOptions;
  /** Where the page is. Default `/__inspect`. */
  readonly path?: string;
  /** The name of this server beside others that share the version store. Default: host name and process id. */
  readonly server?: string;
  /** How many operations are kept. Default 200. */
  readonly maxOperations?: number;
  /** How many batches of changes are kept. Default 200. */
  readonly maxInvalidations?: number;
  /** How many bytes the records may take, all in all. Default 32 MiB. */
  readonly maxBytes?: number;
}

/** Records the work of an engine and its reactive layer, and shows it. */
export interface Inspector {
  /**
   * Answers requests for its path; null for all others. `peer` is the socket of the request; `nodeHandler` hands it over.
   * Without it, a request is not taken to come from this machine.
   */
  handle(request: Request, peer?: Peer | null): Promise<Response | null>;
  /** How many records there are, and how many bytes they take. */
  readonly stats: InspectorStats;
  /** Ends recording. */
  close(): void;
}

const MAX_BYTES = 32 << 20;

const inspectorOptions: OptionTable<InspectorOptions> = {
  engine: anything,
  reactive: anything,
  allow: anything,
  replay: anything,
  show: { variables: anything, keys: anything },
  path: anything,
  server: anything,
  maxOperations: integer(0),
  maxInvalidations: integer(0),
  maxBytes: integer(0),
};
/** The part of the bytes that operations may take. */
const OF_OPERATIONS = 3 / 4;

/**
 * Makes an inspector. It records operations and changes from now on, as long as it is not closed: a record a step, and none
 * for a row. Throws a `TypeError` for `replay` without `allow`.
 */
export function createInspector<TArgs extends EngineArgs>(options: InspectorOptions<TArgs>): Inspector {
  const { engine, reactive, show = {}, maxOperations = 200, maxInvalidations = 200, maxBytes = MAX_BYTES } = options;
  const { allow, path = '/__inspect', server = `${hostname()}:${process.pid}` } = options;
  checkOptions('createInspector', options, inspectorOptions);
  if (options.replay !== undefined && allow === undefined) {
    throw new TypeError(
      'createInspector was given "replay" without "allow". Say who may run queries in the context that "replay" makes: allow: fromThisMachine, for development.',
    );
  }
  const operations = new Ring<OperationNote>(maxOperations, maxBytes * OF_OPERATIONS);
  const invalidations = new Ring<InvalidationRecord>(maxInvalidations, maxBytes * (1 - OF_OPERATIONS), (record) =>
    changes?.forget(record),
  );
  const isOff = allow === undefined && process.env.NODE_ENV === 'production';
  const changes =
    reactive === undefined || isOff
      ? null
      : new ChangeLog({ server, versions: reactive.versions, ring: invalidations, showsKeys: show.keys === true });
  const recorder = isOff
    ? null
    : new Recorder({ engine, operations, changes, showsVariables: show.variables === true });
  const stats = (): InspectorStats => ({
    operations: recorder?.count ?? 0,
    invalidations: changes?.count ?? 0,
    kept: operations.size + invalidations.size,
    bytes: operations.bytes + invalidations.bytes,
    dropped: operations.dropped + invalidations.dropped,
    unsent: changes?.unsent ?? 0,
  });
  const pages =
    recorder === null
      ? null
      : new InspectorPages({
          ...{
            engine,
            recorder,
            operations,
            invalidations,
            stats,
            path,
            server,
            showsVariables: show.variables === true,
          },
          watches: reactive === undefined ? null : () => reactive.watches,
          allow: allow ?? fromThisMachine,
          replay: options.replay ?? null,
        });
  return {
    async handle(request, peer = null) {
      if (pages !== null) return pages.handle(request, peer);
      const { pathname } = new URL(request.url);
      return pathname === path || pathname === `${path}.json` || pathname.startsWith(`${path}/`) ? notFound() : null;
    },

    get stats() {
      return stats();
    },

    close() {
      recorder?.stop();
      changes?.close();
    },
  };
}
