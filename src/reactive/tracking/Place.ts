import type { ReadNode } from '../../plan/Plan.ts';

/** A position of the response: response keys, `*` for the items of a list, joined by dots. The root is empty. */
export type Position = string;

/** The objects that a position lies below, and their ids: of each row. */
export interface Owner {
  readonly at: Position;
  /** The layer of their rows. */
  readonly layer: number;
  /** Where their ids are read. */
  readonly id: ReadNode;
  /** The response key of their ids. */
  readonly key: string;
}

/** A topmost position that needs a step. */
export interface Place {
  readonly at: Position;
  readonly output: number;
  /** The step that it reads; -1: none. */
  readonly read: number;
  /** Changes of its data are told at most once in so many milliseconds; 0: at once. */
  readonly everyMs: number;
  /** The nearest objects with ids above it; null: there are none. */
  readonly owner: Owner | null;
}
