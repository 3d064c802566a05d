import { anything, checkOptions, type OptionTable } from '../errors/checkOptions.ts';
import type { ChangeListener } from '../kvetch/KvetchContext.ts';
import { Invalidations } from './Invalidations.ts';
import { type DependencyKey, subjectKey, toKey } from './keys/dependencyKeys.ts';
import { Grants } from './keys/Grants.ts';
import { SealedSets } from './keys/SealedSets.ts';
import { type ThrottleRule, ThrottleRules } from './keys/ThrottleRules.ts';
import { type ReactiveSecret, WireKeys } from './keys/WireKeys.ts';
import { ambientRecorder } from './tracking/Tracker.ts';
import type { VersionStore } from './versions/VersionStore.ts';
import { Watches } from './versions/Watches.ts';

/** The options of `createInvalidator`. */
export interface InvalidatorOptions {
  /** Where changes are counted: `memoryVersions()` for one process, `redisVersions()` for many. */
  readonly versions: VersionStore;
  /** The first names keys and signs grants; names and grants of the others are still good. */
  readonly secrets: readonly ReactiveSecret[];
  /** Keys of different tenants have different names. Default: none. */
  readonly tenant?: string;
  /** How long a client may ask about the keys of a response, in seconds. Default 3,600. */
  readonly grantSeconds?: number;
  /**
   * Keys and fields that change more often than clients want to hear of it. Processes that share a version store have the
   * same rules: the rules of the writing process apply. Default: none.
   */
  readonly throttle?: readonly ThrottleRule[];
}

const GRANT_SECONDS = 3600;

export const invalidatorOptions: OptionTable<InvalidatorOptions> = {
  versions: anything,
  secrets: anything,
  tenant: anything,
  grantSeconds: anything,
  throttle: anything,
};

/** Tells of changes, and checks the grants of clients. It needs no engine: programs that only write have one, too. */
export class Invalidator {
  /** The version store. */
  readonly versions: VersionStore;
  /** Names keys in version stores and responses. Spec 11.5.5. */
  readonly wireKeys: WireKeys;
  /** Makes and checks grants. Spec 11.5.6. */
  readonly grants: Grants;
  /** Seals the keys of responses for their subjects, and opens them. */
  readonly sets: SealedSets;
  protected readonly throttle: ThrottleRules;
  readonly #invalidations: Invalidations;
  #watches: Watches | null = null;
  /** Connects a store: give it to `createKvetch({ changes })`. */
  readonly changes: ChangeListener = {
    recorder: ambientRecorder,
    invalidate: (keys) => this.#invalidations.tell(keys),
  };

  constructor({ versions, secrets, tenant = '', grantSeconds = GRANT_SECONDS, throttle }: InvalidatorOptions) {
    this.versions = versions;
    this.wireKeys = new WireKeys(secrets, tenant);
    this.grants = new Grants(secrets, { seconds: grantSeconds, tenant });
    this.sets = new SealedSets(secrets, tenant, this.grants);
    this.throttle = new ThrottleRules(throttle);
    this.#invalidations = new Invalidations(versions, this.wireKeys, this.throttle);
  }

  /** The watches of keys in this process. */
  get watches(): Watches {
    this.#watches ??= new Watches(this.versions);
    return this.#watches;
  }

  /**
   * Tells that keys have changed: keys of `objectKey` and the like, or texts, which are `manualKey`s. Call it after the
   * commit. False: the version store could not be told yet; the attempts go on as long as this process lives.
   */
  invalidate(...keys: readonly (DependencyKey | string)[]): Promise<boolean> {
    return this.#invalidations.tellOrOwe(keys.map(toKey));
  }

  /** The same for callers that repeat it themselves: whether the version store was told. */
  tell(keys: readonly (DependencyKey | string)[]): Promise<boolean> {
    return this.#invalidations.tell(keys.map(toKey));
  }

  /**
   * Tells that anything may have changed, where nobody knows what: a new epoch begins, and all clients fetch again, spread
   * over `spreadMs`. Whether the version store was told. Spec 11.2.6.
   */
  tellEverything(): Promise<boolean> {
    return this.#invalidations.tellEverything();
  }

  /**
   * A session of this subject has ended: on all servers, its open streams and sockets are asked again for their subject,
   * and end where it is another one, or none. Call it after the commit.
   */
  recheck(subject: string): Promise<boolean> {
    return this.invalidate(subjectKey(subject));
  }

  /** @internal The name by which servers hear of `recheck`. */
  subjectName(subject: string): string {
    return this.wireKeys.of(subjectKey(subject));
  }

  /** Pays its debts to the version store, if that is possible. The store stays open. */
  close(): Promise<void> {
    this.#watches?.close();
    return this.#invalidations.close();
  }
}

/** Makes an invalidator for a process that writes or serves invalidations, and runs no operations. */
export function createInvalidator(options: InvalidatorOptions): Invalidator {
  checkOptions('createInvalidator', options, invalidatorOptions);
  return new Invalidator(options);
}
