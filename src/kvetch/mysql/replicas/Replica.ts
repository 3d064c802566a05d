import { EdgeTables } from '../../shards/EdgeTables.ts';
import type { EdgeStore } from '../../shards/ShardStore.ts';
import { Fence } from '../Fence.ts';
import { FencedServer } from '../FencedServer.ts';
import { MysqlEdges } from '../MysqlEdges.ts';
import { MysqlEntries } from '../MysqlEntries.ts';
import { MysqlObjects } from '../MysqlObjects.ts';
import type { MysqlSettings } from '../mysqlOptions.ts';
import { type Beat, readPulse } from './pulse.ts';

/** The reads that a replica is asked for. */
export interface ReplicaReads {
  readonly objects: Pick<MysqlObjects, 'readObjects'>;
  readonly edges: Pick<EdgeStore, 'readEdgePages'>;
  readonly entries: Pick<MysqlEntries, 'readEntryPages'>;
}

/** One replica of a database: a connection that cannot write, and the known lag. */
export class Replica {
  readonly name: string;
  readonly reads: ReplicaReads;
  /** Why it is not used, or `null`. */
  problem: string | null = 'it was not asked yet';
  /** The newest beat of this process that it shows: it has all that was committed before that began. */
  shown: Beat | null = null;
  /** Keys that it answered, and keys that the primary was asked for instead. */
  readonly counts = { answered: 0, lacking: 0 };
  readonly #to: FencedServer;
  #looking: Promise<void> | null = null;

  /** `leastEpoch`: the known epoch of the primary; a replica's report of an earlier one is not believed. */
  constructor(settings: MysqlSettings, place: string | null, leastEpoch: () => number) {
    this.name = settings.name;
    this.#to = new FencedServer(settings, null, place, (server) => new Fence(server, leastEpoch));
    this.reads = {
      objects: new MysqlObjects(this.#to),
      edges: new EdgeTables(new MysqlEdges(this.#to, 'pos'), new MysqlEdges(this.#to, 'sort_key')),
      entries: new MysqlEntries(this.#to),
    };
  }

  /** Asks the replica for its position. It never rejects. Parallel calls share one question. */
  look(origin: string, beats: readonly Beat[]): Promise<void> {
    this.#looking ??= this.#look(origin, beats).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** It failed: it is left alone until it answers how far it is. */
  failed(cause: unknown): void {
    this.shown = null;
    this.problem = cause instanceof Error ? cause.message : String(cause);
    const reason = cause instanceof Error ? cause.cause : null;
    if (reason instanceof Error) this.problem = reason.message;
  }

  close(): Promise<void> {
    return this.#to.server.close();
  }

  async #look(origin: string, beats: readonly Beat[]): Promise<void> {
    try {
      await this.#to.open();
      const pulse = await readPulse(this.#to.server);
      const isSame = pulse.origin === origin;
      this.shown = isSame ? (beats.findLast(({ value }) => value <= pulse.value) ?? null) : null;
      this.problem = isSame
        ? this.shown === null
          ? 'it does not show recent writes'
          : null
        : 'its database is no copy of the primary';
    } catch (error) {
      this.failed(error);
    }
  }
}
