import type { FieldNode, ObjectOutput, OutputNode } from '../../../plan/Plan.ts';
import type { GeneratedLeaf } from './leafSource.ts';

/** The known facts of the place where a value is written. */
export interface WriteContext extends WriteTarget {
  /** The variable with the object that fields are read from. */
  readonly value: string;
  /** For each layer around, the variable with its current row. */
  readonly rows: ReadonlyMap<number, string>;
  readonly layer: number;
  readonly depth: number;
  /** Where a null or error goes up to. */
  readonly bubble: string;
}

/** Where a form puts a value. */
export interface WriteTarget {
  /** Of objects: the variable that the value goes to. */
  readonly target: string;
  /** Of bytes: how many are to be left free behind the value. */
  readonly room: number;
  /** Of bytes: how many the key before the value has. */
  readonly prefix: number;
}

/** A field as it is fused. */
export interface FusedField {
  readonly node: FieldNode;
  readonly output: OutputNode;
  /** The value of `__typename`; else null. */
  readonly constant: string | null;
  /** Null for any other type than a built-in scalar or enum, or where it is not read from an object or a column. */
  readonly leaf: GeneratedLeaf | null;
  readonly isReadable: boolean;
  /** It is always written. */
  readonly isSure: boolean;
}

/** The list of a loop over items. */
export interface Items {
  readonly first: string;
  readonly last: string;
  readonly values: string;
  /** The index in the list. */
  readonly position: string;
  readonly layer: number;
  readonly rows: ReadonlyMap<number, string>;
  readonly entry: number;
}

/** Writes the code of one object: `begin` and `end` around each field, then `close`. */
export interface ObjectCode {
  begin(field: number): WriteTarget;
  end(field: number): void;
  close(): void;
}

/** The code that a fused writer has for one form of responses. `FusedWriter` writes all else: the reads, and their order. */
export interface FusedForm {
  /** Lines at the start of the function, before and after the values that are the same for all rows. */
  readonly head: string;
  readonly variables: string;
  /** Where the response goes. */
  readonly whole: WriteTarget;
  /** The response is there. */
  end(): void;
  object(node: ObjectOutput, fields: readonly FusedField[], place: WriteContext): ObjectCode;
  /** Writes a leaf in `v` if its value is a usual one, beginning with `if`. */
  leaf(leaf: GeneratedLeaf, names: string, place: WriteContext): void;
  null(place: WriteContext): void;
  /** Leaves a field to its closure, which reads it in `row`. */
  field(field: number, row: string, place: WriteContext): void;
  /** Leaves a leaf to its closure: its property is in `v`. */
  found(field: number, place: WriteContext): void;
  /** Leaves a value to the closure of its position. */
  elsewhere(fused: string, value: string, row: string, place: WriteContext): void;
  /** The same for a value that was looked at: the result of the look is in `w`. */
  looked(fused: string, value: string, row: string, place: WriteContext): void;
  /** A composite begins, whose variables begin with `name`. */
  mark(name: string): void;
  /** Something below it went up to it. */
  absorb(fused: string, name: string, place: WriteContext): void;
  /** A list begins; an item in it begins and ends; the list ends. */
  list(index: string): void;
  item(index: string, items: Items): WriteTarget;
  itemEnd(index: string): void;
  listEnd(index: string, place: WriteContext): void;
  /** Of bytes: makes room. */
  makeRoom(room: number): void;
}
