import type { StreamNode } from '../plan/Plan.ts';
import type { Step } from './Step.ts';

/**
 * A region of the plan in which all columns have the same rows. The kinds:
 *
 * - `root`: the request itself, one row; `mutation`, `event`: one row each, run one after another;
 * - `list`: one row an item, for the lists that `source` yields in the parent's rows;
 * - `present`: the parent's rows in which `source` is neither null, failed nor exited;
 * - `type`: the parent's rows in which `source` (a step that yields type names) yields `type`;
 * - `combine`: the rows of several sibling `type` layers, brought together again.
 */
export type LayerKind = 'root' | 'mutation' | 'event' | 'list' | 'present' | 'type' | 'combine';

export interface Layer {
  readonly id: number;
  readonly kind: LayerKind;
  readonly parent: Layer | null;
  readonly depth: number;
  /** At most one row, whatever the data: its steps are global, their registers hold bare values. */
  readonly singular: boolean;
  readonly source: Step | null;
  readonly type: string | null;
  /** Of a `list` layer of which later items may be delivered later. */
  readonly stream: StreamNode | null;
  /** The step whose register is filled when the layer opens: a list's items, the values that were combined. */
  entry: Step | null;
  /** Of a `combine` layer: the steps whose values it brings together, each with the layer that has their rows. */
  contributions: { readonly layer: Layer; readonly $value: Step }[];
}

/** Whether `ancestor` is `layer` or one of the layers that it lies in. */
export function isWithin(layer: Layer, ancestor: Layer): boolean {
  let current: Layer | null = layer;
  while (current !== null && current.depth > ancestor.depth) current = current.parent;
  return current === ancestor;
}
