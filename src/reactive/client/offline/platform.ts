/** The parts of IndexedDB that are needed, and channels between pages: types for programs that compile without those of browsers. */

export interface DatabaseRequest<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
  onupgradeneeded?: (() => void) | null;
}

export interface ObjectStore {
  readonly transaction: { readonly error: unknown; oncomplete: (() => void) | null; onabort: (() => void) | null };
  get(key: string): DatabaseRequest<string | undefined>;
  getAll(range: unknown): DatabaseRequest<readonly string[]>;
  getAllKeys(range: unknown): DatabaseRequest<readonly string[]>;
  put(value: string, key: string): unknown;
  delete(key: string): unknown;
}

export interface Database {
  onclose: (() => void) | null;
  onversionchange: (() => void) | null;
  close(): void;
  createObjectStore(name: string): unknown;
  transaction(name: string, mode: 'readonly' | 'readwrite'): { objectStore(name: string): ObjectStore };
}

export interface Channel<T> {
  addEventListener(type: 'message', listener: (message: { readonly data: T }) => void): void;
  postMessage(message: T): void;
  close(): void;
  /** In Node only. */
  unref?(): void;
}

export interface Platform<T> {
  readonly indexedDB?: { open(name: string, version: number): DatabaseRequest<Database> };
  readonly IDBKeyRange: { bound(from: string, to: string): unknown };
  readonly BroadcastChannel?: new (name: string) => Channel<T>;
}

/** What this page, or Node, has. */
export function platform<T>(): Platform<T> {
  return Object(globalThis);
}
