import { covers, fieldOf } from '../../utils/positions.ts';
import type { ReactiveExtension } from '../../utils/reactiveExtension.ts';
import type { RecordsAt, ReplacedData } from './Dependencies.ts';
import type { ShownObjects } from './parts.ts';
import { pathOf } from './positions.ts';
import { type Memo, readSelection } from './read.ts';
import { type JsonObject, type Scope, Selection } from './Selection.ts';
import { idOf, type Store } from './Store.ts';
import type { ObjectsWanted, Wanted, WantedFrom } from './wanted.ts';
import { type ErrorPaths, identityOf, ROOT, recordsBelow, recordsOnlyBelow, Writer, type Written } from './write.ts';

/** The data of a query, or the positions at which the store lacks data. */
export type QueryReading =
  | { readonly data: JsonObject; readonly wanting: null }
  | { readonly data: null; readonly wanting: readonly string[] };

/** The data of a query: written into the store, and read from it. */
export class QueryData implements WantedFrom {
  readonly selection: Selection;
  readonly #store: Store;
  #memo: Memo = new Map();
  #ids: ReadonlySet<string> = new Set();
  /** As it was last read. */
  #last: JsonObject = {};
  /** Notes on the answers. */
  written: Written = { unkeyed: new Set(), holes: new Set(), absent: new Set(), moved: new Set() };

  constructor(store: Store, scope: Scope) {
    this.#store = store;
    this.selection = new Selection([scope.operation.selectionSet], scope);
  }

  /** The records that are shown. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** Positions of lists below which objects cannot be told apart. */
  get unkeyed(): ReadonlySet<string> {
    return this.written.unkeyed;
  }

  read(): QueryReading {
    const { data, missing, ids, memo } = readSelection(
      this.#store.view,
      this.selection,
      ROOT,
      this.#memo,
      this.written.holes,
    );
    const wanting = [...missing].filter((at) => !this.written.absent.has(at));
    if (wanting.length > 0) {
      this.#ids = new Set([...this.#ids, ...ids]);
      return { data: null, wanting };
    }
    this.#memo = memo;
    this.#ids = ids;
    this.#last = data;
    return { data, wanting: null };
  }

  /**
   * Within a transaction of the store. `wanted`: the fetched parts; null: the whole operation. Returns the positions
   * that are to be fetched, since the store has something else there.
   */
  write(
    data: JsonObject,
    errors: ErrorPaths,
    { epoch, asOf, objects = [] }: Partial<ReactiveExtension>,
    wanted: Wanted | null,
  ): ReadonlySet<string> {
    const moment = epoch === undefined || asOf === undefined ? null : { epoch, seq: asOf };
    const writer = new Writer(this.#store.sink(moment), errors);
    if (wanted === null) {
      writer.whole(ROOT, this.selection, data);
      this.written = writer.written;
      return writer.written.moved;
    }
    const { positions } = wanted;
    writer.part(this.#store.base, positions, ROOT, this.selection, data);
    for (const [entry, { at, objects: read }] of objects.entries()) {
      const { below = null } = wanted.objects[entry] ?? {};
      for (const object of read) if (object !== null) this.#writeObject(writer, at, object, below);
    }
    const { unkeyed, moved } = writer.written;
    const others = [...this.written.unkeyed].filter((at) => !positions.some((position) => covers(position, at)));
    this.written = { ...this.written, unkeyed: new Set([...others, ...unkeyed]) };
    return moved;
  }

  /** Where the objects of an answer are kept. */
  recordsIn(data: unknown, { objects: entries = [] }: Partial<ReactiveExtension>): RecordsAt {
    return (at, within) => {
      if (within === null) return recordsBelow(this.selection, [data], at);
      const { at: above = '', objects = [] } = entries[within] ?? {};
      const [selection] = this.#selectionsAt(above);
      return selection === undefined ? [] : recordsBelow(selection, objects, at.slice(above.length + 1));
    };
  }

  recordsOnlyBelow(above: string, records: ReadonlySet<string>, at: string): ReadonlySet<string> {
    return recordsOnlyBelow(this.selection, this.#last, { above, records, at });
  }

  /** The data that the answer to an entry replaces below its objects. */
  replacedBy({ at: above, ids, below }: ObjectsWanted): readonly ReplacedData[] {
    if (below === undefined) return [];
    const shown = recordsBelow(this.selection, [this.#last], above).flatMap((record) => record ?? []);
    const records = new Set(shown.filter((record) => ids.includes(idOf(record))));
    return [{ above, records, below, only: (at) => this.recordsOnlyBelow(above, records, at) }];
  }

  /** The objects shown at a position, where the servers named them. */
  shownAt(at: string): ShownObjects {
    const selections = this.#selectionsAt(at);
    const sets = selections[0]?.sets ?? [];
    const isOne = selections.every((one) => one.sets.every((set, n) => set === sets[n]));
    const records = new Set<string | null>();
    for (const selection of selections) {
      for (const [record, object] of this.#memo.get(selection) ?? []) {
        if (this.#store.base.value(record, '__typename') !== undefined) records.add(identityOf(selection, object));
      }
    }
    return { sets: isOne ? sets : null, records: [...records] };
  }

  /** Writes the own fields of an object, or the data `below` it, as all selections at the position have them. */
  #writeObject(writer: Writer, at: string, object: JsonObject, below: readonly string[] | null): void {
    let isShown = false;
    for (const selection of this.#selectionsAt(at)) {
      const record = identityOf(selection, object);
      if (record === null || this.#memo.get(selection)?.has(record) !== true) continue;
      isShown = true;
      if (below === null) writer.whole(record, selection, object, at, at, false);
      else writer.part(this.#store.base, below, record, selection, object, at);
    }
    if (!isShown) writer.written.moved.add(fieldOf(at));
  }

  /** The selections of the objects at a position: they depend on the types of objects above them. */
  #selectionsAt(at: string): readonly Selection[] {
    return [...this.#memo.keys()].filter(({ path }) => path === pathOf(at));
  }
}
