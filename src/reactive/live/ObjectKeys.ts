import { getOrCreate } from '../../utils/getOrCreate.ts';

/** A key of an object, with the version under which it was read. */
export interface ObjectKey {
  readonly key: string;
  readonly version: number;
}

/** The keys of objects that are identified by their ids. */
export class ObjectKeys {
  readonly #byId = new Map<string, Map<string, number>>();

  /** `isNewer`: else an older version stays. */
  add(id: string, key: string, version: number, isNewer: boolean): void {
    const keys = getOrCreate(this.#byId, id, () => new Map<string, number>());
    keys.set(key, isNewer ? version : Math.min(version, keys.get(key) ?? version));
  }

  *all(): Iterable<ObjectKey> {
    for (const keys of this.#byId.values()) for (const [key, version] of keys) yield { key, version };
  }

  /** The ids of objects with such a key. */
  idsOf(isWanted: (key: string, version: number) => boolean): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const [id, keys] of this.#byId) {
      for (const [key, version] of keys) if (isWanted(key, version)) ids.add(id);
    }
    return ids;
  }

  forget(ids: ReadonlySet<string>): void {
    for (const id of ids) this.#byId.delete(id);
  }
}
