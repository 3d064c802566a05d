/** A position of the response: response keys, `*` for the items of a list, joined by dots. The root is empty. */
export type Position = string;

/** A topmost position that needs a step. */
export interface Place {
  readonly at: Position;
  readonly output: number;
  /** The step that it reads; -1: none. */
  readonly read: number;
  /** Changes of its data are told at most once in so many milliseconds; 0: at once. */
  readonly everyMs: number;
}
