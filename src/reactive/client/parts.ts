import type { Answer } from './Answer.ts';
import type { SelectionSet } from './ast.ts';
import type { Operation, Variables } from './document.ts';
import type { PossibleTypes } from './Selection.ts';
import type { Wanted } from './wanted.ts';

/** The selections of a query at a position. */
export interface ShownObjects {
  /** The selections of the objects there; null: they depend on the objects above. */
  readonly sets: readonly SelectionSet[] | null;
  /** Their records, `<type>:<id>`; null for an object without identity. */
  readonly records: readonly (string | null)[];
}

/** A part of an operation that is to be fetched. */
export interface PartRequest {
  readonly operation: Operation;
  readonly variables: Variables;
  readonly possibleTypes: PossibleTypes | null;
  readonly wanted: Wanted;
  shownAt(at: string): ShownObjects;
}

/** A document that fetches a part of an operation. */
export interface PartDocument {
  readonly operation: Operation;
  readonly variables: Variables;
  /** The parts that its answer has, once it was read. */
  readonly wanted: Wanted;
  /** Turns an answer into one that names positions of the original operation, as spec 11.6 has it. */
  read(answer: Answer): Answer;
}

/** Makes documents for servers that do not know `refetch`; null: the whole operation is fetched. */
export type MakeDocument = (request: PartRequest) => PartDocument | null;
