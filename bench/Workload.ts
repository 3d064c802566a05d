import type { DocumentNode } from 'graphql';

/** A batch function of a store: a list of keys in, one promise of a list with an entry for each key out. */
export type Batch = (keys: readonly unknown[]) => Promise<readonly unknown[]>;

/** What every contender loads from, and the only thing: batch functions by name. */
export type Store = Readonly<Record<string, Batch>>;

/** How a field finds its value: by the key in an argument or in an attribute of its parent, through a batch function. */
export interface Relation {
  readonly kind: 'one' | 'many';
  readonly batch: string;
  readonly by: { readonly argument: string } | { readonly attribute: string };
}

export type Variables = Readonly<Record<string, unknown>>;

/** The program that one would write by hand for this workload alone, in its two forms. */
export interface ByHand {
  /** Writes UTF-8 into a buffer that is used again and again. Null where only objects are built. */
  readonly bytes: ((store: Store, variables: Variables) => Promise<Uint8Array>) | null;
  /** Builds the `data` object. */
  objects(store: Store, variables: Variables, document: DocumentNode): Promise<object>;
}

/**
 * What is timed:
 * `hot`: one document, run again and again;
 * `mixed`: 200 documents in turn, each with its own plan;
 * `fresh`: a document that was never seen, parsed already; `freshText`: the same, parsing included;
 * `crowd`: 100 clients at once, each running the one document with its own variables.
 */
export type Mode = 'hot' | 'mixed' | 'fresh' | 'freshText' | 'crowd';

/** One line of the table: a schema, its data, and what is asked. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly mode: Mode;
  readonly typeDefs: string;
  /** By coordinate. Fields that are not here are attributes of their parent. */
  readonly relations: Readonly<Record<string, Relation>>;
  /** Interfaces and unions; their values carry `__typename`. */
  readonly abstractTypes: readonly string[];
  makeStore(): Store | Promise<Store>;
  /** Null where the baseline is graphql-js' `validate` and no program by hand is compared. */
  readonly byHand: ByHand | null;
  /** The operation of the given turn: always the same, or never the same twice. */
  document(turn: number): string;
  variables(turn: number): Variables;
  /** Contenders that are not run, and why. */
  readonly unfit: Readonly<Record<string, string>>;
}
