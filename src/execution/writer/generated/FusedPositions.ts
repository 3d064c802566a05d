import type { FieldNode, PositionNode } from '../../../plan/Plan.ts';
import { itemAt } from '../../../utils/itemAt.ts';
import type { CompiledField } from '../LeafField.ts';
import type { OutputCompiler } from '../OutputCompiler.ts';
import type { Complete } from '../ResponseState.ts';

/** A position of a fused writer that holds an object or a list, with the closure for unusual values there. */
export class FusedPosition {
  readonly place: FieldNode;
  readonly nonNull: boolean;
  readonly output: number;
  /** The depth of its path. */
  readonly depth: number;
  readonly #make: () => Complete;
  #complete: Complete | null = null;

  constructor(place: FieldNode, { nonNull, output }: PositionNode, depth: number, make: () => Complete) {
    this.place = place;
    this.nonNull = nonNull;
    this.output = output;
    this.depth = depth;
    this.#make = make;
  }

  /** Completes the value that was found at the position, looked at or not. Made on first use: few positions need it. */
  get complete(): Complete {
    this.#complete ??= this.#make();
    return this.#complete;
  }
}

/** Gives numbers to what a source names by number. */
export interface PositionNumbers {
  addField(node: FieldNode, layer: number): number;
  addPosition(place: FieldNode, position: PositionNode, rows: PositionRows, depth: number): number;
  addNames(names: ReadonlyMap<unknown, string>): number;
}

/** The positions and fields that the source of a fused writer names by number. */
export class FusedPositions implements PositionNumbers {
  readonly positions: FusedPosition[] = [];
  /** Names of enums by internal value. */
  readonly names: ReadonlyMap<unknown, string>[] = [];
  readonly #compiler: OutputCompiler;
  readonly #fields: { readonly node: FieldNode; readonly layer: number; compiled: CompiledField | null }[] = [];

  constructor(compiler: OutputCompiler) {
    this.#compiler = compiler;
  }

  addField(node: FieldNode, layer: number): number {
    return this.#fields.push({ node, layer, compiled: null }) - 1;
  }

  addPosition(place: FieldNode, position: PositionNode, rows: PositionRows, depth: number): number {
    const make = (): Complete => this.#compiler.position(place, position, rows.layer, rows.own);
    return this.positions.push(new FusedPosition(place, position, depth, make)) - 1;
  }

  addNames(names: ReadonlyMap<unknown, string>): number {
    return this.names.push(names) - 1;
  }

  /** The closure of a field, made on first use. */
  readonly field = (index: number): CompiledField => {
    const field = itemAt(this.#fields, index);
    field.compiled ??= this.#compiler.field(field.node, field.layer);
    return field.compiled;
  };
}

/** The layer of the rows at a position; the step whose register holds the value that it belongs to, or -1. */
export interface PositionRows {
  readonly layer: number;
  readonly own: number;
}
