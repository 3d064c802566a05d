import { InternalError } from '../../errors/InternalError.ts';
import type { ParamShapes } from '../paramShapes.ts';
import { ITEM, type ReadPath } from '../reads.ts';
import type { Layer, MaxRows } from '../Step.ts';
import { Step } from '../Step.ts';

/**
 * Represents the entries of a layer: the items of a list, or the values that a `combine` layer brings together.
 * Yields them; its register is filled when the layer opens.
 */
export class EntryStep<TData = unknown> extends Step<TData> {
  static override readonly op = 'entry';
  static override readonly paramShapes: ParamShapes = {};
  readonly #inner: Layer;

  constructor(layer: Layer) {
    super();
    this.#inner = layer;
    this.layer = layer;
    layer.entry = this;
  }

  override get isPure(): boolean {
    return true;
  }

  /** Items are mostly there when their list is: their readers gain nothing by starting with the list. */
  override get mayWait(): boolean {
    return false;
  }

  override get isPinned(): boolean {
    return true;
  }

  override noteRead(path: ReadPath): void {
    const { kind, source } = this.#inner;
    if (kind === 'list' && source !== null) this.graph.resolve(source).noteRead([ITEM, ...path]);
  }

  override authorizedAs(path: ReadPath): ReadonlySet<string> | null {
    const { kind, source } = this.#inner;
    return kind === 'list' && source !== null ? this.graph.resolve(source).authorizedAs([ITEM, ...path]) : null;
  }

  override maxRows(path: ReadPath): MaxRows {
    const { kind, source } = this.#inner;
    if (kind === 'combine') return path.length === 0 ? { kind: 'combined', layer: this.#inner } : null;
    return kind === 'list' && source !== null ? this.graph.resolve(source).maxRows([ITEM, ...path]) : null;
  }

  override execute(): never {
    throw new InternalError('An entry step was executed.');
  }
}
