import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isObject } from './Selection.ts';

/** A link from a record to another one. */
export class Ref {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

/** The id in the name of a record, `<type>:<id>`. */
export function idOf(record: string): string {
  return record.slice(record.indexOf(':') + 1);
}

/** All changes up to `seq` of an epoch. */
export interface Moment {
  readonly epoch: string;
  readonly seq: number;
}

/** The epoch of what an earlier page has kept, by the time on its clock. It replaces no answer. */
export const KEPT = '';

interface Cell {
  readonly value: unknown;
  /** It shows at least the changes up to here; null: unknown. */
  readonly moment: Moment | null;
}

/** Values of records, by id and storage key; undefined: not there. */
export interface View {
  value(id: string, key: string): unknown;
}

/** Takes values of records. */
export interface Sink {
  put(id: string, key: string, value: unknown): void;
}

/** Optimistic changes: the values that `run` puts lie above the base, until the layer is dropped. */
export interface Layer {
  readonly run: (view: View, sink: Sink) => void;
  patch: Map<string, Map<string, unknown>>;
}

/**
 * Records by id: the data of servers, and above it the user's optimistic changes. Of two values for one place the one
 * that was read at the later moment stays, whichever came first.
 */
export class Store {
  readonly #records = new Map<string, Map<string, Cell>>();
  readonly #layers: Layer[] = [];
  readonly #onError: (error: unknown) => void;
  #changed = new Set<string>();
  /** The data of servers, without layers. */
  readonly base: View = { value: (id, key) => this.#records.get(id)?.get(key)?.value };
  /** The data that is shown. */
  readonly view: View = { value: (id, key) => this.#valueBelow(this.#layers.length, id, key) };

  /** `onError` is called with errors of layers. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#records.size;
  }

  /** Does some work, and makes the layers anew on its result. Returns the records that look different now. */
  transact(work: () => void): ReadonlySet<string> {
    work();
    for (const [at, layer] of this.#layers.entries()) this.#run(layer, at);
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  sink(moment: Moment | null): Sink {
    return { put: (id, key, value) => this.#put(id, key, value, moment) };
  }

  /** Within a transaction. */
  addLayer(layer: Layer): void {
    this.#layers.push(layer);
  }

  /** Within a transaction. */
  dropLayer(layer: Layer): void {
    this.#layers.splice(this.#layers.indexOf(layer) >>> 0, 1);
    for (const id of layer.patch.keys()) this.#changed.add(id);
  }

  /** Forgets all other records. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of [...this.#records.keys()]) if (!ids.has(id)) this.#records.delete(id);
  }

  #put(id: string, key: string, value: unknown, moment: Moment | null): void {
    const record = getOrCreate(this.#records, id, () => new Map<string, Cell>());
    const known = record.get(key);
    if (known !== undefined && isLater(known.moment, moment)) return;
    const isSame = known !== undefined && isEqual(known.value, value);
    record.set(key, { value: isSame ? known.value : value, moment });
    if (!isSame) this.#changed.add(id);
  }

  #valueBelow(layers: number, id: string, key: string): unknown {
    for (let at = layers - 1; at >= 0; at--) {
      const value = this.#layers[at]?.patch.get(id)?.get(key);
      if (value !== undefined) return value;
    }
    return this.base.value(id, key);
  }

  /** The data below a layer may have changed: the layer is made again. */
  #run(layer: Layer, at: number): void {
    const before = layer.patch;
    const patch: Layer['patch'] = new Map();
    const put = (id: string, key: string, value: unknown): void => {
      getOrCreate(patch, id, () => new Map<string, unknown>()).set(key, value);
    };
    try {
      layer.run({ value: (id, key) => patch.get(id)?.get(key) ?? this.#valueBelow(at, id, key) }, { put });
    } catch (error) {
      patch.clear();
      this.#onError(error);
    }
    layer.patch = patch;
    for (const id of new Set([...before.keys(), ...patch.keys()])) {
      if (!isEqualRecord(before.get(id), patch.get(id))) this.#changed.add(id);
    }
  }
}

function isLater(known: Moment | null, given: Moment | null): boolean {
  if (known === null || given?.epoch !== known.epoch) return given?.epoch === KEPT;
  return known.seq > given.seq;
}

/** Whether two values of records are the same. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Ref || b instanceof Ref) return a instanceof Ref && b instanceof Ref && a.id === b.id;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, at) => isEqual(item, b[at]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isEqual(a[key], b[key]));
}

function isEqualRecord(
  a: ReadonlyMap<string, unknown> | undefined,
  b: ReadonlyMap<string, unknown> | undefined,
): boolean {
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  return [...a].every(([key, value]) => isEqual(value, b.get(key)));
}
