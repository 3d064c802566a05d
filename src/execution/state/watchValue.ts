import type { AbstractOutput, ListOutput, ObjectOutput, Plan, PositionNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { isNativePromise, watchList, watchPromise } from '../../utils/watchPromise.ts';
import { dataAt, OwnLeaves } from './OwnLeaves.ts';
import type { StepPositions } from './StepPositions.ts';

/** Reads a list that is neither array nor Set, and keeps the items for the output. `item`: where its items stand. */
export type ReadList = (list: object, item: PositionNode) => readonly unknown[] | null;

/**
 * Watches the promises that the output will find in a value, before it reads them (rule R27). It reads the values that
 * the output reads without running a step: properties that hold data, items of lists. Getters and methods are not
 * called: they have handed nothing over yet.
 */
export class ValueWatch {
  readonly #plan: Plan;
  readonly #positions: StepPositions;
  readonly #registers: readonly unknown[] | null;
  readonly #readList: ReadList;
  #fieldsOf: Map<ObjectOutput, WatchedFields> | null = null;
  /** Branches of nested abstract outputs lead to the same values again and again. */
  #seen: Map<AbstractOutput, Set<unknown>> | null = null;

  /** `registers` tell which layers are open; null: no layer has been, or will be, opened with these values. */
  constructor(positions: StepPositions, registers: readonly unknown[] | null, readList: ReadList) {
    this.#plan = positions.plan;
    this.#positions = positions;
    this.#registers = registers;
    this.#readList = readList;
  }

  source({ read: { path }, output }: PositionNode, source: unknown): void {
    this.#at(path, 0, output, source);
  }

  #at(path: PositionNode['read']['path'], depth: number, output: number, value: unknown): void {
    if (depth === path.length) return this.value(output, value);
    if (typeof value !== 'object' || value === null) return;
    if (isNativePromise(value)) this.#later(path, depth, output, value);
    else this.#at(path, depth + 1, output, dataAt(value, path[depth] as PropertyKey));
  }

  /** Functions of their own: a closure costs where it is written, also when it is not made. */
  #later(path: PositionNode['read']['path'], depth: number, output: number, promise: unknown): void {
    watchPromise(promise, (found) => this.#at(path, depth, output, found));
  }

  #valueLater(output: number, promise: unknown): void {
    watchPromise(promise, (found) => this.value(output, found));
  }

  value(output: number, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (isNativePromise(value)) return this.#valueLater(output, value);
    try {
      this.#inside(output, value);
    } catch {
      // A proxy refused. The output meets it as well, and reports it.
    }
  }

  #inside(output: number, value: object): void {
    const node = nodeAt(this.#plan.outputs, output);
    if (node.kind === 'object') this.#fields(node, value);
    else if (node.kind === 'list') this.#items(node, value);
    else if (node.kind === 'leaf') watchList(value);
    else if (node.kind === 'abstract' && this.#isNew(node, value)) this.#branches(node, value);
  }

  #fields(node: ObjectOutput, value: object): void {
    const { leaves, others } = this.#watched(node);
    leaves.watch(value);
    for (let index = 0; index < others.length; index++) this.source(nodeAt(others, index), value);
  }

  #items({ item, layer }: ListOutput, list: object): void {
    if (layer !== -1) return this.#inRows(nodeAt(this.#plan.layers, layer).entry, list);
    if (item.read.step !== -1) return;
    const items = Array.isArray(list) || list instanceof Set ? list : this.#readList(list, item);
    if (items === null) return;
    const isRead = item.read.path.length === 0;
    if (isRead && Array.isArray(items)) {
      const leaves = this.#onlyLeaves(item.output);
      if (leaves !== null) return leaves.watchAll(items, (one) => this.value(item.output, one));
    }
    for (const one of items) {
      if (typeof one !== 'object' || one === null) continue;
      if (isRead) this.value(item.output, one);
      else this.source(item, one);
    }
  }

  /** Null where more is read of the objects that an output writes. */
  #onlyLeaves(output: number): OwnLeaves | null {
    const node = nodeAt(this.#plan.outputs, output);
    if (node.kind !== 'object') return null;
    const { leaves, others } = this.#watched(node);
    return others.length === 0 ? leaves : null;
  }

  #watched(node: ObjectOutput): WatchedFields {
    this.#fieldsOf ??= new Map();
    const known = this.#fieldsOf.get(node);
    if (known !== undefined) return known;
    const { leaves, others } = this.#positions.ownReads(node);
    const watched = { leaves: new OwnLeaves(leaves), others };
    this.#fieldsOf.set(node, watched);
    return watched;
  }

  /**
   * Items in rows are read when their layer opens: that waits for all lists, and is not to be after an abort. A Set was
   * read up to the item that decides.
   */
  #inRows(entry: number, list: object): void {
    const isOpen = this.#registers !== null && this.#registers[entry] !== undefined;
    if (!(list instanceof Set) && (isOpen || !Array.isArray(list))) return;
    // Layers below are open without the items behind the one that decides.
    const inner = isOpen ? new ValueWatch(this.#positions, null, this.#readList) : this;
    const positions = this.#positions.of(entry);
    for (const one of list) {
      if (typeof one !== 'object' || one === null) continue;
      watchPromise(one);
      for (const position of positions) inner.source(position, one);
    }
  }

  #branches({ branches }: AbstractOutput, value: object): void {
    // Which properties will be read is known when the type is: until then, any may be.
    if (branches.length === 0) for (const key of Object.keys(value)) watchPromise(dataAt(value, key));
    for (const { position } of branches) if (position.read.step === -1) this.source(position, value);
  }

  #isNew(node: AbstractOutput, value: object): boolean {
    this.#seen ??= new Map();
    const seen = this.#seen.get(node);
    if (seen === undefined) this.#seen.set(node, new Set([value]));
    else if (seen.has(value)) return false;
    else seen.add(value);
    return true;
  }
}

/** The fields of an object output: leaves of its own value, and all other reads of that. */
interface WatchedFields {
  readonly leaves: OwnLeaves;
  readonly others: readonly PositionNode[];
}
