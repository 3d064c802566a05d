import type { FieldNode, PositionNode } from '../../plan/Plan.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { ByteState } from '../output/ByteState.ts';
import type { Complete } from '../output/OutputState.ts';
import type { ClosureSource, CompiledField } from '../output/OutputWriter.ts';

/** A position of a fused writer that holds an object or a list, with the closure for unusual values there. */
export class FusedSite {
  readonly place: FieldNode;
  readonly nonNull: boolean;
  readonly output: number;
  /** The depth of its path. */
  readonly depth: number;
  readonly #make: () => Complete<ByteState>;
  #complete: Complete<ByteState> | null = null;

  constructor(place: FieldNode, { nonNull, output }: PositionNode, depth: number, make: () => Complete<ByteState>) {
    this.place = place;
    this.nonNull = nonNull;
    this.output = output;
    this.depth = depth;
    this.#make = make;
  }

  /** Completes the value that was found at the position, looked at or not. Made on first use: few sites need it. */
  get complete(): Complete<ByteState> {
    this.#complete ??= this.#make();
    return this.#complete;
  }
}

/** The positions and fields that the source of a fused writer names by number. */
export class FusedSites {
  readonly sites: FusedSite[] = [];
  /** Names of enums by internal value. */
  readonly names: ReadonlyMap<unknown, string>[] = [];
  readonly #compiler: ClosureSource<ByteState>;
  readonly #fields: { readonly node: FieldNode; readonly layer: number; compiled: CompiledField<ByteState> | null }[] =
    [];

  constructor(compiler: ClosureSource<ByteState>) {
    this.#compiler = compiler;
  }

  addField(node: FieldNode, layer: number): number {
    return this.#fields.push({ node, layer, compiled: null }) - 1;
  }

  addSite(place: FieldNode, position: PositionNode, rows: SiteRows, depth: number): number {
    const { layer, own, origin } = rows;
    const make = (): Complete<ByteState> => this.#compiler.position(place, position, layer, own, origin);
    return this.sites.push(new FusedSite(place, position, depth, make)) - 1;
  }

  addNames(names: ReadonlyMap<unknown, string>): number {
    return this.names.push(names) - 1;
  }

  /** The closure of a field, made on first use. */
  readonly field = (index: number): CompiledField<ByteState> => {
    const field = itemAt(this.#fields, index);
    field.compiled ??= this.#compiler.field(field.node, field.layer);
    return field.compiled;
  };
}

/** The layer of the rows at a position; the steps whose registers hold the value that it belongs to, see `OutputCompiler`. */
export interface SiteRows {
  readonly layer: number;
  readonly own: number;
  readonly origin: number;
}
