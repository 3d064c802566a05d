import type { GraphQLAbstractType, GraphQLObjectType, GraphQLOutputType } from 'graphql';
import type { ErrorOutput } from '../../plan/Plan.ts';
import type { FieldFacts } from '../../schema/fields.ts';
import type { Hidden } from '../../schema/steps/AuthorizeStep.ts';
import type { Layer, Step } from '../../step/Step.ts';
import type { FieldRows } from '../../step/StepLoad.ts';
import type { SelectionEntry } from './collectFields.ts';
import type { DeferUsage } from './deferUsage.ts';
import type { StreamUsage } from './streamUsage.ts';

/** A place in the response, for resolvers that ask for `info.path`. */
export interface ResponsePath {
  readonly parent: ResponsePath | null;
  readonly key: string | null;
  readonly typename: string | null;
  /** Where fields of several types share a place: yields the type's name. */
  readonly $typename: Step | null;
  readonly layer: Layer;
  /** Its number in the plan once something refers to it, else -1. */
  id: number;
}

/** A position of the response while it is planned: its output, and the step that represents its value. */
export interface Position {
  readonly nonNull: boolean;
  readonly $value: Step;
  /** The property of `$value` that the output reads, where that is the field's value and has no step; else null. */
  readonly property: FieldFacts['read'] | null;
  readonly output: Output;
}

/** Outputs form a graph, not a tree: equal selections on the same step are planned once (rule R2). */
export type Output = LeafBuild | ListBuild | ObjectBuild | AbstractBuild | TypenameBuild | ErrorOutput;

export interface LeafBuild {
  readonly kind: 'leaf';
  readonly type: string;
}

interface ListBuild {
  readonly kind: 'list';
  readonly layer: Layer;
  readonly item: Position;
}

export interface ObjectBuild {
  readonly kind: 'object';
  readonly type: string;
  readonly layer: Layer;
  readonly $value: Step;
  readonly fields: readonly FieldBuild[];
  /** The deferred fragments that begin at this object. */
  readonly usages: readonly DeferUsage[];
}

export interface AbstractBuild {
  readonly kind: 'abstract';
  readonly type: GraphQLAbstractType;
  readonly layer: Layer;
  readonly $typename: Step;
  /** The steps that `planType` has made: `planForType` may use them, whenever a type is met. */
  readonly captured: readonly Step[];
  /** Plans the branch of one of the types, when a value of it is met. */
  readonly planBranch: (type: GraphQLObjectType) => BranchBuild;
  readonly branches: Map<string, BranchBuild>;
  readonly combined: Map<string, CombinedBuild>;
  /** The deferred fragments that begin at the branches: those of one directive are one, so that fields combine. */
  readonly usages: DeferUsage[];
}

export interface BranchBuild {
  readonly type: string;
  readonly layer: Layer;
  readonly position: Position;
}

/** A field that several branches select alike: its values are brought together and planned once. */
interface CombinedBuild {
  readonly layer: Layer;
  position: Position;
}

interface TypenameBuild {
  readonly kind: 'typename';
  readonly type: string;
}

export interface FieldBuild {
  readonly key: string;
  readonly coordinate: string;
  readonly guard: number;
  readonly position: Position | null;
  /** Where the field cannot be planned or has no step of its own. */
  readonly constant: TypenameBuild | ErrorOutput | null;
  readonly nonNull: boolean;
  readonly $requires: Step | null;
  /** Steps with side effects that planning this field created: they run because the field is selected. */
  readonly effects: readonly Step[];
  readonly phase: Layer | null;
  readonly deliveries: readonly { readonly usage: DeferUsage | null; readonly guard: number }[];
  readonly nodes: readonly { readonly node: number; readonly guard: number }[];
}

/** The surroundings of an object that planning its fields needs. */
export interface ObjectContext {
  readonly type: GraphQLObjectType;
  readonly $value: Step;
  readonly layer: Layer;
  readonly place: ResponsePath;
  readonly depth: number;
  /** The abstract position whose branch this object is, or null. */
  readonly branchOf: AbstractBuild | null;
}

/** Where values are authorized: the field's setting for hidden ones, and the types that were authorized already. */
export interface AuthorizeContext {
  /** The field's setting; null where it has none. */
  readonly hidden: Hidden | null;
  /** The types whose hidden objects are already left out of the enclosing list. */
  readonly done: ReadonlySet<string>;
}

/** The facts of its field that planning a position needs. */
export interface PositionContext {
  readonly parentType: GraphQLObjectType;
  readonly fieldName: string;
  readonly nodes: FieldBuild['nodes'];
  readonly entries: (typeName: string) => readonly SelectionEntry[];
  readonly layer: Layer;
  readonly place: ResponsePath;
  /** The place of the field, without the indexes of its lists: the `info.path` of resolvers of types. */
  readonly fieldPlace: ResponsePath;
  readonly depth: number;
  readonly outputType: GraphQLOutputType;
  /** How the field's list is streamed, or null. */
  readonly stream: StreamUsage | null;
  /** How values of the field's type are hidden. */
  readonly authorize: AuthorizeContext;
  /** How many items the field's list has at most, as its definition says; null: it says nothing. */
  readonly rows: FieldRows | null;
}
