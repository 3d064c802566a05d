import { type Database, type DatabaseRequest, type ObjectStore, platform } from './platform.ts';

/** Where a client keeps texts that survive a reload. `offline` uses IndexedDB unless it is given another one. */
export interface OfflineStorage {
  /** All keys that begin with a prefix, in their order (as `<` has it), with their values. */
  list(prefix: string): Promise<readonly (readonly [key: string, value: string])[]>;
  /**
   * Changes the value of a key, undefined where there is none, in one step that no other page can come between. `change` returns
   * the new value; undefined removes the key.
   */
  update(key: string, change: (value: string | undefined) => string | undefined): Promise<void>;
}

const STORE = 'values';

/** The values of a database of IndexedDB, which is made where there is none. All pages of an origin share it. */
export function indexedDbStorage(name: string): OfflineStorage {
  const { indexedDB, IDBKeyRange } = platform();
  let opened: Promise<Database> | null = null;
  const forget = (): void => {
    opened = null;
  };
  const open = async (): Promise<Database> => {
    if (indexedDB === undefined) throw new Error('There is no IndexedDB here: give "offline" a "storage".');
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    const database = await resultOf(request);
    database.onclose = forget;
    // Another page wants to delete it, or to make a newer one.
    database.onversionchange = () => {
      database.close();
      forget();
    };
    return database;
  };
  /** Starts a transaction. A database that could not be opened is opened again next time. */
  const begin = async (mode: 'readonly' | 'readwrite'): Promise<ObjectStore> => {
    opened ??= open();
    try {
      return (await opened).transaction(STORE, mode).objectStore(STORE);
    } catch (error) {
      forget();
      throw error;
    }
  };
  return {
    async list(prefix) {
      const store = await begin('readonly');
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, values] = await Promise.all([resultOf(store.getAllKeys(range)), resultOf(store.getAll(range))]);
      return keys.map((key, at) => [key, values[at] ?? ''] as const);
    },

    async update(key, change) {
      const store = await begin('readwrite');
      const { transaction } = store;
      const done = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB has not stored it.'));
      });
      const request = store.get(key);
      request.onsuccess = () => {
        const changed = change(request.result);
        if (changed === undefined) store.delete(key);
        else store.put(changed, key);
      };
      await done;
    },
  };
}

function resultOf<T>(request: DatabaseRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
