import type { GraphQLLeafType } from 'graphql';
import type { FieldNode, ObjectOutput, PositionNode } from '../../plan/Plan.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { ListItems } from './listItems.ts';
import type { Complete, FieldPlace, OutputState } from './OutputState.ts';
import type { Read } from './reads.ts';

/** The differences between responses as objects and responses as bytes. */
export interface OutputWriter<TState extends OutputState> {
  /** Writes a position that is null or bubbles. */
  end(state: TState, outcome: unknown): unknown;
  /** Looks at the value of a position, and gives it to `build` if there is one. */
  composite(place: FieldPlace, position: CompositePosition, build: Complete<TState>): Complete<TState>;
  /** One function for all leaves of a type. */
  plainLeaf(type: GraphQLLeafType): PlainLeaf<TState>;
  /** Completes a leaf value that `plainLeaf` left as `OTHER`. */
  otherLeaf(state: TState, place: FieldPlace, nonNull: boolean, type: GraphQLLeafType, value: unknown): unknown;
  typename(type: string): Complete<TState>;
  list(list: CompiledList<TState>): WriteList<TState>;
  object(fields: ObjectFields<TState>, node: ObjectOutput, linked: LinkedPlan): Complete<TState>;
  /** Another way to write whole responses, which `whole` writes. */
  root?(linked: LinkedPlan, closures: ClosureSource<TState>, whole: Complete<TState>): Complete<TState>;
}

/** Makes closures for fields and positions of a plan: `OutputCompiler`. */
export interface ClosureSource<TState extends OutputState> {
  field(field: FieldNode, layer: number): CompiledField<TState>;
  position(place: FieldPlace, position: PositionNode, layer: number, own: number, origin: number): Complete<TState>;
}

export interface CompiledField<TState extends OutputState> {
  readonly key: string;
  readonly guard: number;
  readonly phase: number;
  readonly complete: Complete<TState>;
}

export interface CompositePosition {
  readonly nonNull: boolean;
  /** The step whose register holds the values: those have been looked at. -1: they have not. */
  readonly register: number;
  /** The output that writes the value. */
  readonly output: number;
}

interface CompiledList<TState extends OutputState> {
  readonly items: ListItems;
  /** Whether items have rows of their own; otherwise they share the row of their list. */
  readonly hasRows: boolean;
  readonly read: Read;
  readonly complete: Complete<TState>;
  /** Reads and completes an item. */
  readonly redo: Complete<TState>;
}

/** Writes a list, given the list, the values that contain its items, and its row. */
export type WriteList<TState extends OutputState> = (
  state: TState,
  list: unknown,
  values: readonly unknown[],
  row: number,
) => unknown;

/** Completes a leaf value that needs no conversion. Returns `OTHER` for any other value, and writes nothing then. */
export type PlainLeaf<TState extends OutputState> = (state: TState, value: unknown) => unknown;

/** The fields of an object, compiled on first use. */
export class ObjectFields<TState extends OutputState> {
  readonly #nodes: readonly FieldNode[];
  readonly #compile: (field: FieldNode) => CompiledField<TState>;
  #compiled: readonly CompiledField<TState>[] | null = null;

  constructor(nodes: readonly FieldNode[], compile: (field: FieldNode) => CompiledField<TState>) {
    this.#nodes = nodes;
    this.#compile = compile;
  }

  get compiled(): readonly CompiledField<TState>[] {
    this.#compiled ??= this.#nodes.map(this.#compile);
    return this.#compiled;
  }
}
