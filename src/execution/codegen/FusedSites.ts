import type { FieldNode, PositionNode } from '../../plan/Plan.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Complete, OutputState } from '../output/OutputState.ts';
import type { ClosureSource, CompiledField } from '../output/OutputWriter.ts';

/** A position of a fused writer that holds an object or a list, with the closure for unusual values there. */
export class FusedSite<TState extends OutputState> {
  readonly place: FieldNode;
  readonly nonNull: boolean;
  readonly output: number;
  /** The depth of its path. */
  readonly depth: number;
  readonly #make: () => Complete<TState>;
  #complete: Complete<TState> | null = null;

  constructor(place: FieldNode, { nonNull, output }: PositionNode, depth: number, make: () => Complete<TState>) {
    this.place = place;
    this.nonNull = nonNull;
    this.output = output;
    this.depth = depth;
    this.#make = make;
  }

  /** Completes the value that was found at the position, looked at or not. Made on first use: few sites need it. */
  get complete(): Complete<TState> {
    this.#complete ??= this.#make();
    return this.#complete;
  }
}

/** Gives numbers to what a source names by number. */
export interface SiteNumbers {
  addField(node: FieldNode, layer: number): number;
  addSite(place: FieldNode, position: PositionNode, rows: SiteRows, depth: number): number;
  addNames(names: ReadonlyMap<unknown, string>): number;
}

/** The positions and fields that the source of a fused writer names by number. */
export class FusedSites<TState extends OutputState> implements SiteNumbers {
  readonly sites: FusedSite<TState>[] = [];
  /** Names of enums by internal value. */
  readonly names: ReadonlyMap<unknown, string>[] = [];
  readonly #compiler: ClosureSource<TState>;
  readonly #fields: { readonly node: FieldNode; readonly layer: number; compiled: CompiledField<TState> | null }[] = [];

  constructor(compiler: ClosureSource<TState>) {
    this.#compiler = compiler;
  }

  addField(node: FieldNode, layer: number): number {
    return this.#fields.push({ node, layer, compiled: null }) - 1;
  }

  addSite(place: FieldNode, position: PositionNode, rows: SiteRows, depth: number): number {
    const { layer, own, origin } = rows;
    const make = (): Complete<TState> => this.#compiler.position(place, position, layer, own, origin);
    return this.sites.push(new FusedSite(place, position, depth, make)) - 1;
  }

  addNames(names: ReadonlyMap<unknown, string>): number {
    return this.names.push(names) - 1;
  }

  /** The closure of a field, made on first use. */
  readonly field = (index: number): CompiledField<TState> => {
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
