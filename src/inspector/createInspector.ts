import { hostname } from 'node:os';
import type { EngineArgs } from '../reactive/ReactiveEngine.ts';
import type { VersionStore } from '../reactive/versions/VersionStore.ts';
import type { Watches } from '../reactive/versions/Watches.ts';
import { notFound } from './answers.ts';
import { ChangeLog } from './ChangeLog.ts';
import type { InspectedEngine, InspectorStats } from './InspectedEngine.ts';
import { InspectorPages } from './InspectorPages.ts';
import type { OperationNote } from './OperationNote.ts';
import { Recorder } from './Recorder.ts';
import { Ring } from './Ring.ts';
import type { InvalidationRecord, ShownOptions } from './records.ts';

export interface InspectorOptions<TArgs extends EngineArgs = EngineArgs> {
  /** Operations of this engine are recorded. */
  readonly engine: InspectedEngine<TArgs>;
  /** The object of `createReactive` or `createInvalidator`: changes and their effects are recorded, too. */
  readonly reactive?: { readonly versions: VersionStore; readonly watches: Watches };
  /**
   * Whether a request may see the inspector. Without it, requests to `localhost` may; and where `NODE_ENV` is `production`
   * nothing is recorded and everybody gets a 404.
   */
  readonly allow?: (request: Request) => boolean | Promise<boolean>;
  /**
   * Lets people run a query again: makes the arguments of `execute` beside document, operation name and variables, the
   * `contextValue` say, for the request of the person. Default: nobody can.
   */
  readonly replay?: (request: Request) => Partial<TArgs> | Promise<Partial<TArgs>>;
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
  /** Answers requests for its path; null for all others. */
  handle(request: Request): Promise<Response | null>;
  readonly stats: InspectorStats;
  /** Ends recording. */
  close(): void;
}

const MAX_BYTES = 32 << 20;
/** The part of the bytes that operations may take. */
const OF_OPERATIONS = 3 / 4;

/**
 * Makes an inspector. It records operations and changes from now on, as long as it is not closed: a record a step, and none
 * for a row.
 */
export function createInspector<TArgs extends EngineArgs>(options: InspectorOptions<TArgs>): Inspector {
  const { engine, reactive, show = {}, maxOperations = 200, maxInvalidations = 200, maxBytes = MAX_BYTES } = options;
  const { allow, path = '/__inspect', server = `${hostname()}:${process.pid}` } = options;
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
          allow: allow ?? isLocal,
          replay: options.replay ?? null,
        });
  return {
    async handle(request) {
      if (pages !== null) return pages.handle(request);
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

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** A page of another site can have its own name lead to this machine, but not have the browser say `localhost`. */
function isLocal(request: Request): boolean {
  return LOCAL.test(request.headers.get('host') ?? new URL(request.url).host);
}
