import type { ChangeListener } from '../kvetch/KvetchContext.ts';
import { Invalidations } from './Invalidations.ts';
import { type DependencyKey, toKey } from './keys/dependencyKeys.ts';
import { Grants } from './keys/Grants.ts';
import { type ReactiveSecret, WireKeys } from './keys/WireKeys.ts';
import { ambientRecorder, currentTracker } from './tracking/Tracker.ts';
import type { VersionStore } from './versions/VersionStore.ts';
import { Watches } from './versions/Watches.ts';

export interface InvalidatorOptions {
  /** Where changes are counted: `memoryVersions()` for one process, `redisVersions()` for many. */
  readonly versions: VersionStore;
  /** The first names keys and signs grants; what the others have named and signed is still good. */
  readonly secrets: readonly ReactiveSecret[];
  /** Keys of different tenants have different names. Default: none. */
  readonly tenant?: string;
  /** How long a client may ask about the keys of a response, in seconds. Default 3,600. */
  readonly grantSeconds?: number;
}

const GRANT_SECONDS = 3600;

/** Tells of changes, and knows who may ask about them. It needs no engine: programs that only write have one, too. */
export class Invalidator {
  readonly versions: VersionStore;
  readonly wireKeys: WireKeys;
  readonly grants: Grants;
  readonly #invalidations: Invalidations;
  #watches: Watches | null = null;
  /** Connects a store: give it to `createKvetch({ changes })`. */
  readonly changes: ChangeListener = {
    recorder: ambientRecorder,
    invalidate: (keys) => {
      noteInRequest(keys);
      return this.#invalidations.tell(keys);
    },
  };

  constructor({ versions, secrets, tenant = '', grantSeconds = GRANT_SECONDS }: InvalidatorOptions) {
    this.versions = versions;
    this.wireKeys = new WireKeys(secrets, tenant);
    this.grants = new Grants(secrets, grantSeconds);
    this.#invalidations = new Invalidations(versions, this.wireKeys);
  }

  /** Who holds keys in this process. */
  get watches(): Watches {
    this.#watches ??= new Watches(this.versions);
    return this.#watches;
  }

  /**
   * Says that what keys name has changed: keys of `objectKey` and the like, or texts, which are `manualKey`s. Call it after
   * the commit. False: the version store could not be told yet; that goes on as long as this process lives.
   */
  invalidate(...keys: readonly (DependencyKey | string)[]): Promise<boolean> {
    const all = keys.map(toKey);
    noteInRequest(all);
    return this.#invalidations.tellOrOwe(all);
  }

  /** The same for those who try again themselves: whether it was told. */
  tell(keys: readonly (DependencyKey | string)[]): Promise<boolean> {
    return this.#invalidations.tell(keys.map(toKey));
  }

  /** Tells what is owed, if that is possible. The version store stays open. */
  close(): Promise<void> {
    this.#watches?.close();
    return this.#invalidations.close();
  }
}

/** Makes an invalidator for a process that writes or serves invalidations, and runs no operations. */
export function createInvalidator(options: InvalidatorOptions): Invalidator {
  return new Invalidator(options);
}

function noteInRequest(keys: readonly DependencyKey[]): void {
  const tracker = currentTracker();
  for (const key of keys) tracker?.invalidated.add(key);
}
