/** The version of the plan document. It changes whenever an older executor could misread a plan. */
export const PLAN_VERSION = 6;

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * The execution plan of an operation, as JSON (spec/3-plan-document.md). Steps, layers, guards, outputs and places are
 * named by their index; -1 stands for none. No property is optional: an absent value is `null` or -1.
 */
export interface Plan {
  /** The version of the format. Executors refuse another one. */
  readonly version: typeof PLAN_VERSION;
  /** `query`, `mutation` or `subscription`. */
  readonly operation: OperationKind;
  /** The name of the operation; null for one without a name. */
  readonly operationName: string | null;
  /** The text of the document: arguments, locations and `info` refer to its fields by number. */
  readonly document: string;
  /** Fields without a resolver go to the request's `fieldResolver`, abstract types to its `typeResolver`. */
  readonly resolvers: ResolverMode;
  /** The conditions of `@skip` and `@include`, and what follows from several of them. Spec 3.2. */
  readonly guards: GuardNode[];
  /** The layers, by index; a layer comes behind the one that it lies in. */
  readonly layers: LayerNode[];
  /** The steps, by index; a step comes behind its dependencies. */
  readonly steps: StepNode[];
  /** The shape of the response: where each value comes from. */
  readonly outputs: OutputNode[];
  /** Paths of the response, for errors. */
  readonly places: ResponsePathNode[];
  /** The fragments that may be delivered later than their parent. */
  readonly defers: DeferNode[];
  /** The loads that may start before their turn. Grows when a branch is planned. */
  readonly ahead: AheadNode[];
  /** The output of the root object. */
  readonly root: number;
  /** The step that yields a subscription's event stream, or -1. */
  readonly stream: number;
}

type OperationKind = 'query' | 'mutation' | 'subscription';

export interface ResolverMode {
  readonly field: boolean;
  readonly type: boolean;
}

/** A condition on variables (rule R6). Guard 0 always holds. */
export type GuardNode =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'variable'; readonly name: string; readonly absent: boolean }
  | { readonly kind: 'not'; readonly of: number }
  | { readonly kind: 'and' | 'or'; readonly of: readonly [number, number] };

export interface LayerNode {
  readonly kind: 'root' | 'mutation' | 'event' | 'list' | 'present' | 'type' | 'combine';
  readonly parent: number;
  readonly singular: boolean;
  /** The step that decides on the rows: a list, a nullable value, type names. */
  readonly source: number;
  /** The step whose register is filled when the layer opens, or -1. */
  entry: number;
  readonly type: string | null;
  /** Of a `combine` layer: where its rows come from. Grows when a branch is planned. */
  readonly contributions: { readonly layer: number; readonly step: number; readonly rows: RowsNode }[] | null;
  /** Of a `list` layer whose later items may be delivered later; else null. */
  readonly stream: StreamNode | null;
  /** How many rows it has at most for one of its parent's. */
  readonly rows: RowsNode;
}

/**
 * How many rows, or items of a list, there are at most for the variables of a request:
 *
 * - `one`: one for each row of the parent; `unbounded`: nobody says; `most`: so many;
 * - `value`, `length`: the number, or the length of the list, at `path` of the value of a step that depends on the request alone;
 * - `argument`: the value of a field's argument, or the length of its list;
 * - `combined`: the most that a `combine` layer brings together;
 * - `smallest`, `largest`: of several.
 */
export type RowsNode =
  | { readonly kind: 'one' }
  | { readonly kind: 'unbounded' }
  | { readonly kind: 'most'; readonly count: number }
  | { readonly kind: 'value' | 'length'; readonly step: number; readonly path: readonly (string | number)[] }
  | { readonly kind: 'argument'; readonly coordinate: string; readonly node: number; readonly argument: string }
  | { readonly kind: 'combined'; readonly layer: number }
  | { readonly kind: 'smallest' | 'largest'; readonly of: readonly RowsNode[] };

/** A list that has only its first items in the initial response (rule R18). */
export interface StreamNode {
  readonly label: string | null;
  /** It is streamed where this holds. */
  readonly guard: number;
  /** How many items come at once; `variable` names the variable with the number instead. */
  readonly initialCount: number;
  readonly variable: string | null;
}

/** A fragment with `@defer`, at one object output or at the branches of one abstract output (rule R18). */
export interface DeferNode {
  readonly label: string | null;
  /** Where this holds the fragment is deferred; elsewhere it belongs to its parent. */
  readonly guard: number;
  /** The enclosing deferred fragment; -1: the delivery of its object. */
  readonly parent: number;
}

/** A load that may start before its turn, as its keys are known before all else that it waits for (rule R24). */
export interface AheadNode {
  readonly step: number;
  /** The step whose values hold its keys; -1: they depend on the request alone. */
  readonly source: number;
  /** Its keys are ids that the source knows before it has the objects. */
  readonly early: boolean;
}

/** A field is delivered with the deferred fragment `defer` (-1: with its object) where `guard` holds. */
interface DeliveryNode {
  readonly defer: number;
  readonly guard: number;
}

export interface StepNode {
  readonly op: string;
  readonly params: JsonObject;
  readonly layer: number;
  readonly guard: number;
  readonly dependencies: readonly DependencyNode[];
  readonly isSync: boolean;
  readonly hasSideEffects: boolean;
  readonly coordinate: string | null;
  /** The calls that it makes to a store; null: none. */
  readonly load: LoadNode | null;
}

/** A step asks for `keys` keys in each row. One call takes `maxKeys` of them at most; -1: any number. */
export interface LoadNode {
  readonly keys: number;
  readonly maxKeys: number;
}

export interface DependencyNode {
  readonly kind: 'list' | 'global' | 'collect' | 'order';
  readonly step: number;
  readonly accepts: boolean;
  /** Of `collect`: the list layer below. */
  readonly layer: number;
}

/** Where an output finds its value: in the register of `step` (-1: the value of the object it belongs to), at `path`. */
export interface ReadNode {
  readonly step: number;
  readonly path: readonly (string | number)[];
  /** The last key is read as graphql-js' default resolver does: a function found there is called. */
  readonly field: boolean;
}

/** A position in the response: its value's source, its output, and whether it may be null. */
export interface PositionNode {
  readonly read: ReadNode;
  readonly output: number;
  readonly nonNull: boolean;
}

export type OutputNode = LeafOutput | ListOutput | ObjectOutput | AbstractOutput | TypenameOutput | ErrorOutput;

export interface LeafOutput {
  readonly kind: 'leaf';
  readonly type: string;
}

export interface ListOutput {
  readonly kind: 'list';
  readonly item: PositionNode;
  /** The layer of the items, or -1 where nothing runs for them and the list itself is read. */
  readonly layer: number;
  /** How many items it has at most; of a list with a layer that layer says it, and here stands `one`. */
  readonly rows: RowsNode;
}

export interface ObjectOutput {
  readonly kind: 'object';
  readonly type: string;
  /** The layer of the rows of the object's fields, or -1: the rows of its position. */
  readonly layer: number;
  readonly fields: readonly FieldNode[];
  /** The deferred fragments that begin at this object. */
  readonly defers: readonly number[];
}

export interface AbstractOutput {
  readonly kind: 'abstract';
  readonly type: string;
  readonly layer: number;
  /** The step that yields the name of the object type. */
  readonly typename: number;
  /** Planned when a value of that type is first met (rule R7). */
  readonly branches: BranchNode[];
}

export interface BranchNode {
  readonly type: string;
  readonly layer: number;
  /** The object as that type; read from the value of the abstract position, or from a step of the branch. */
  readonly position: PositionNode;
}

interface TypenameOutput {
  readonly kind: 'typename';
  readonly type: string;
}

/** A field that could not be planned (rule R8). */
export interface ErrorOutput {
  readonly kind: 'error';
  readonly message: string;
  /** Those of the error, where they are JSON; else null. */
  readonly extensions: JsonObject | null;
  /** Whether clients may read the message where errors are masked. */
  readonly isForClients: boolean;
}

/** A field of an object, in the place where it stands in the response. */
export interface FieldNode {
  readonly key: string;
  readonly coordinate: string;
  readonly guard: number;
  readonly position: PositionNode;
  /** A step that must not have failed for the field to have a value: the coercion of its arguments. -1: none. */
  readonly requires: number;
  /** The layer of a mutation field, else -1. */
  readonly phase: number;
  /** Steps with side effects that run because the field is selected. */
  readonly effects: readonly number[];
  /** The fragments that deliver it; empty: always delivered with its object. */
  readonly deliveries: readonly DeliveryNode[];
  readonly nodes: readonly FieldReference[];
}

/** A field of the document by number, present in the response's field when `guard` holds. */
export interface FieldReference {
  readonly node: number;
  readonly guard: number;
}

/** A place in the response, for resolvers that ask for `info.path`. `key` is null for an item of a list. */
export interface ResponsePathNode {
  readonly parent: number;
  readonly key: string | null;
  readonly typename: string | null;
  /** Where fields of several types share a place: the step that yields the type's name. Else -1. */
  readonly typenames: number;
  /** The layer whose rows stand at the place. */
  readonly layer: number;
}
