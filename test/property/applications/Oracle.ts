import { type Application, type List, nameOf, type Type } from './application.ts';
import { compareKeys, type KeyPart } from './order.ts';

export interface Row {
  readonly id: string;
  readonly type: Type;
  values: Record<string, unknown>;
  isLive: boolean;
  /** When it came into each stored list that has no order. */
  pos: Map<List, number>;
  /** When it was created. */
  readonly made: number;
}

export interface Entry {
  readonly list: List;
  readonly from: string;
  readonly to: string;
  data: Record<string, unknown> | null;
  pos: number;
  isLive: boolean;
}

export interface Viewer {
  readonly name: string | null;
  readonly id: string | null;
}

/** What stands at a place of a list. */
export interface Place {
  readonly row: Row;
  readonly key: readonly unknown[];
  readonly id: string;
  readonly entry: Entry | null;
}

/** Plain objects in arrays: what an application should show. */
export class Oracle {
  readonly application: Application;
  readonly rows: Row[] = [];
  readonly byId: Map<string, Row> = new Map();
  readonly entries: Entry[] = [];
  readonly keys: Map<string, { readonly id: string; readonly data: string }> = new Map();
  /** Where objects stood in lists, which they may have left: `list from to`. */
  readonly places: Map<string, readonly unknown[]> = new Map();
  now = 0;
  tick = 0;

  constructor(application: Application) {
    this.application = application;
  }

  type(name: string): Type {
    return this.application.types.find((one) => one.name === name) as Type;
  }

  find(id: unknown): Row | null {
    const row = this.byId.get(String(id).toLowerCase());
    return row !== undefined && this.isThere(row) ? row : null;
  }

  isThere(row: Row): boolean {
    return row.isLive && !(row.type.expires && row.values.ends != null && Number(row.values.ends) <= this.now);
  }

  // ---- privacy

  canRead(viewer: Viewer, row: Row | null, asked: ReadonlySet<string> = new Set()): boolean {
    if (row === null || !this.isThere(row) || asked.has(row.id)) return false;
    const { values, type } = row;
    const isOwn = values.owner != null && values.owner === viewer.name;
    const above = (): boolean => this.canRead(viewer, this.find(values[type.policyAttr]), new Set([...asked, row.id]));
    switch (type.policy) {
      case 'public':
        return true;
      case 'owner':
        return isOwn;
      case 'where':
        return values.status === 'A' || isOwn;
      case 'deny':
        return values.status !== 'C' || isOwn;
      case 'sameAs':
        return above();
      case 'linked':
        return isOwn || above();
    }
  }

  seesField(viewer: Viewer, { values, type }: Row, name: string): boolean {
    const attr = type.attrs.find((one) => one.name === name);
    return !attr?.isHidden || (values.owner != null && values.owner === viewer.name);
  }

  shown(viewer: Viewer, row: Row, name: string): unknown {
    return this.seesField(viewer, row, name) ? (row.values[name] ?? null) : null;
  }

  // ---- lists

  /** The attributes that a list tells of its objects. */
  told({ kind, attrs, where, orderBy }: List): readonly string[] {
    if (kind === 'plain') return [];
    return [...attrs, ...Object.keys(where ?? {}), ...orderBy.map(nameOf)];
  }

  isListed(list: List, values: Row['values']): boolean {
    const kinds = this.type(list.type).attrs;
    return Object.entries(list.where ?? {}).every(([name, wanted]) => {
      const kind = kinds.find((one) => one.name === name)?.kind;
      const value = values[name] ?? null;
      return wanted.some((one) => (kind === 'DateTime' && one !== null ? Date.parse(String(one)) : one) === value);
    });
  }

  keyOf(list: List, row: Row, entry: Entry | null): readonly unknown[] {
    if (list.orderBy.length > 0)
      return list.orderBy.map((name) => (entry === null ? row.values : (entry.data ?? {}))[nameOf(name)] ?? null);
    if (list.kind === 'stored') return [row.pos.get(list) ?? 0];
    return entry === null ? [] : [entry.pos];
  }

  kindsOf(list: List): readonly KeyPart[] {
    const attrs = list.kind === 'plain' ? list.data : this.type(list.type).attrs;
    if (list.orderBy.length > 0)
      return list.orderBy.map((name) => ({
        kind: attrs.find((one) => one.name === nameOf(name))?.kind ?? 'Int',
        isDown: name.startsWith('-'),
      }));
    return list.kind === 'stored' || list.kind === 'plain' ? [{ kind: 'Int', isDown: false }] : [];
  }

  /** Every object in a list, in its order. */
  all(list: List, of: string | readonly unknown[]): readonly Place[] {
    const found = list.kind === 'plain' ? this.#entriesOf(list, of) : this.#rowsOf(list, of);
    const kinds = this.kindsOf(list);
    return found.sort((a, b) => compareKeys(kinds, a, b));
  }

  #entriesOf(list: List, of: string | readonly unknown[]): Place[] {
    const found: Place[] = [];
    for (const entry of this.entries) {
      const row = this.find(entry.to);
      if (entry.list !== list || entry.from !== of || !entry.isLive || row === null) continue;
      found.push({ row, entry, key: this.keyOf(list, row, entry), id: row.id });
    }
    return found;
  }

  #rowsOf(list: List, of: string | readonly unknown[]): Place[] {
    const wanted = [of].flat();
    return this.rows
      .filter((row) => row.type.name === list.type && this.isThere(row) && this.isListed(list, row.values))
      .filter(({ values }) => list.attrs.every((name, at) => values[name] != null && values[name] === wanted[at]))
      .map((row) => ({ row, entry: null, key: this.keyOf(list, row, null), id: row.id }));
  }

  readable(viewer: Viewer, list: List, of: string | readonly unknown[]): readonly Place[] {
    const told = this.told(list);
    return this.all(list, of).filter(
      ({ row }) => this.canRead(viewer, row) && told.every((name) => this.seesField(viewer, row, name)),
    );
  }

  /** Notes where everything stands now: pages go on from there when it has left its list. */
  remember(): void {
    for (const list of this.application.lists) {
      if (list.kind !== 'stored') continue;
      for (const row of this.rows) {
        const from = row.values[list.attrs[0] ?? ''];
        if (row.type.name !== list.type || !row.isLive || from == null || !this.isListed(list, row.values)) continue;
        this.places.set(`${list.name} ${from} ${row.id}`, this.keyOf(list, row, null));
      }
    }
    for (const entry of this.entries) {
      const row = this.byId.get(entry.to);
      if (entry.isLive && row)
        this.places.set(`${entry.list.name} ${entry.from} ${entry.to}`, this.keyOf(entry.list, row, entry));
    }
  }

  // ---- writes

  add(type: Type, id: string, values: Row['values']): Row {
    const row: Row = { id, type, values: {}, isLive: true, pos: new Map(), made: this.tick };
    this.rows.push(row);
    this.byId.set(id, row);
    this.put(row, values);
    return row;
  }

  put(row: Row, values: Row['values']): void {
    const was = { ...row.values };
    for (const [name, value] of Object.entries(values)) row.values[name] = Object.is(value, -0) ? 0 : value;
    this.tick++;
    for (const list of this.application.lists) {
      if (list.kind !== 'stored' || list.type !== row.type.name) continue;
      const attr = list.attrs[0] ?? '';
      const isIn = row.values[attr] != null && this.isListed(list, row.values);
      const wasIn = row.pos.has(list) && was[attr] === row.values[attr];
      if (!isIn) row.pos.delete(list);
      else if (!wasIn) row.pos.set(list, this.tick);
    }
    this.remember();
  }

  /** Lists that are new order the objects that are there by their creation. */
  begin(lists: ReadonlySet<List>): void {
    for (const list of lists) {
      if (list.kind !== 'stored') continue;
      for (const row of this.rows) if (row.pos.has(list)) row.pos.set(list, row.made);
      for (const key of [...this.places.keys()]) if (key.startsWith(`${list.name} `)) this.places.delete(key);
    }
    this.remember();
  }

  /** The unique index that has such values already. */
  uniqueOf(type: Type, values: Row['values'], but: Row | null): List | null {
    const isTaken = (list: List): boolean =>
      list.kind === 'unique' &&
      list.attrs.every((name) => values[name] != null) &&
      this.isListed(list, values) &&
      this.rows.some(
        (row) =>
          row !== but &&
          row.type === type &&
          this.isThere(row) &&
          this.isListed(list, row.values) &&
          list.attrs.every((name) => row.values[name] === values[name]),
      );
    return type.lists.find(isTaken) ?? null;
  }

  /** What is to be done with an object's children when it is deleted. */
  children(row: Row): ReadonlyArray<{ readonly row: Row; readonly list: List }> {
    const found: { row: Row; list: List }[] = [];
    for (const list of this.application.lists) {
      if (list.kind !== 'stored' || list.from !== row.type.name || list.onDelete === 'keep') continue;
      const [attr = ''] = list.attrs;
      for (const child of this.rows) {
        if (child.type.name !== list.type || !child.isLive || child.values[attr] !== row.id) continue;
        const isKnown = found.some((one) => one.row === child && one.list.attrs[0] === attr);
        if (!isKnown) found.push({ row: child, list });
      }
    }
    return found;
  }

  /** Deletes an object, and what goes with it. */
  remove(row: Row): void {
    row.isLive = false;
    row.pos.clear();
    this.tick++;
    for (const { row: child, list } of this.children(row)) {
      if (!child.isLive) continue;
      if (list.onDelete === 'clear') this.put(child, { [list.attrs[0] ?? '']: null });
      else if (list.onDelete === 'delete' && !this.refuses(child)) this.remove(child);
    }
  }

  refuses(row: Row): boolean {
    return this.children(row).some(
      ({ list, row: child }) => list.onDelete === 'refuse' && child !== row && this.isThere(child),
    );
  }
}
