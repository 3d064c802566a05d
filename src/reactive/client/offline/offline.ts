import { badOption, checkKeys } from '../../../utils/checkKeys.ts';
import type { Variables } from '../document.ts';
import type { OfflinePlug } from '../OfflinePlug.ts';
import { isObject } from '../Selection.ts';
import { answersOf, type KeptLimits, KeptQueries } from './KeptQueries.ts';
import { MutationQueue, prefixOf } from './MutationQueue.ts';
import { indexedDbStorage, type OfflineStorage } from './OfflineStorage.ts';
import { isNewId, NEW_ID } from './QueuedMutation.ts';
import { randomName } from './randomName.ts';
import { shownOf } from './Waiting.ts';

/** The options of `offline`. */
export interface OfflineOptions {
  /**
   * The id of the user who is signed in, as the server gives it to `reactive.execute` (`user`, or `subject`). Mutations of one
   * user are not shown to another, and the server refuses to run them for another.
   */
  readonly user: string;
  /** Where mutations are kept: a database of IndexedDB by its name, or your own. Each GraphQL server needs one. Default `planql`. */
  readonly storage?: string | OfflineStorage;
  /** With so many mutations waiting, further ones are refused. Default 1,000. */
  readonly maxMutations?: number;
  /**
   * Keeps the answers of watched queries: the next page of this user shows them until the server has answered. `maxBytes`: of
   * all together, the oldest go first; default 10,000,000. `maxAgeMs`: default 7 days. Default false.
   */
  readonly queries?: boolean | { readonly maxBytes?: number; readonly maxAgeMs?: number };
}

/** A mutation that waits for the server. */
interface WaitingMutation {
  /** Its idempotency key. */
  readonly key: string;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  readonly operationName: string | undefined;
  readonly variables: Variables;
  /** It survives a reload. False: it is being stored, or could not be; `onError` was told why. */
  readonly isStored: boolean;
}

/** The option `offline` of a client: mutations that wait for the server, also through reloads. */
export interface Offline extends OfflinePlug {
  /** Calls when other mutations wait, until the function that it returns is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The mutations that wait, in order. The same list until something has changed. */
  readonly getSnapshot: () => readonly WaitingMutation[];
  /** The id of an object that a mutation will create: for its optimistic changes, and for mutations that come after it. */
  newId(): string;
  /** Forgets all that is stored for the user, mutations that wait included: for signing out. */
  clear(): Promise<void>;
}

/**
 * Makes the option `offline` of `createReactiveClient`: mutations that are made without a connection are kept in order, shown by
 * their optimistic changes, and sent once the server answers. Spec 12.9.
 *
 * @throws TypeError with the code `BAD_OPTION`.
 */
export function offline(options: OfflineOptions): Offline {
  checkKeys('offline', options, 'user storage maxMutations queries');
  const { user, storage: given = 'planql', maxMutations = 1000, queries = false } = options;
  if (typeof user !== 'string' || user === '') {
    throw badOption(`offline: "user" is ${JSON.stringify(user)} and must be the id of the user, a text.`);
  }
  if (!(maxMutations >= 1)) throw badOption(`offline: "maxMutations" is ${maxMutations} and must be 1 or more.`);
  const limits = limitsOf(queries);
  const storage = typeof given === 'string' ? indexedDbStorage(given) : given;
  const listeners = new Set<() => void>();
  let queue: MutationQueue | null = null;
  let kept: KeptQueries | null = null;
  let snapshot: readonly WaitingMutation[] = [];
  return {
    subscribe(listener) {
      const own = (): void => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
    getSnapshot: () => snapshot,
    newId: () => NEW_ID + randomName(),
    async clear() {
      await queue?.clear();
      await kept?.clear();
      for (const prefix of [prefixOf(user), answersOf(user)]) {
        for (const [name] of await storage.list(prefix)) await storage.update(name, () => undefined);
      }
    },
    attach(host) {
      if (queue !== null) throw badOption('offline: each client needs one of its own.');
      const onChange = (): void => {
        snapshot = queue?.waiting.map(({ mutation, isStored }) => ({ ...shownOf(mutation), isStored })) ?? [];
        for (const listener of [...listeners]) {
          try {
            listener();
          } catch (error) {
            host.failed(error); // the other listeners are called all the same
          }
        }
      };
      queue = new MutationQueue(host, { user, storage, maxMutations, onChange });
      if (queries) kept = new KeptQueries(host, { user, storage, ...limits });
    },
    async mutate(document, variables, run, how) {
      checkKeys('client.mutate offline', how, 'key isRepeatable creates');
      const { key = '', isRepeatable, creates } = how;
      if (creates !== undefined) checkKeys('client.mutate offline.creates', creates, 'id at');
      if (creates !== undefined && !isNewId(creates.id)) {
        throw badOption(`client.mutate: "creates.id" is ${JSON.stringify(creates.id)} and must be one of newId().`);
      }
      if (key === '' && isRepeatable !== true) {
        throw badOption(
          'client.mutate: "offline" needs "key", or "isRepeatable: true" where running it twice does no harm.',
        );
      }
      if (queue === null) throw badOption('offline: it belongs to no client.');
      return queue.add(document, variables, run, how);
    },
    seen: (watched) => kept?.seen(watched),
    asker: queries ? { user } : undefined,
    isBack: () => queue?.isBack(),
    detach() {
      kept?.close();
      queue?.close();
    },
  };
}

const WEEK_MS = 7 * 24 * 3_600_000;

function limitsOf(queries: OfflineOptions['queries'] = false): KeptLimits {
  const given = typeof queries === 'boolean' ? {} : queries;
  if (!isObject(given)) {
    throw badOption(`offline: "queries" is ${JSON.stringify(queries)} and must be true, false or limits.`);
  }
  checkKeys('offline queries', given, 'maxBytes maxAgeMs');
  const { maxBytes = 10_000_000, maxAgeMs = WEEK_MS } = given;
  for (const [name, value] of Object.entries({ maxBytes, maxAgeMs })) {
    if (!(value >= 1)) throw badOption(`offline: "queries.${name}" is ${value} and must be 1 or more.`);
  }
  return { maxBytes, maxAgeMs };
}
