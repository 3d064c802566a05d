import type { GraphQLSchema } from 'graphql';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';

/** A request, as any of the roads can be asked to answer it. */
export type CaseArgs = Omit<RequestArgs, 'document' | 'schema' | 'contextValue' | 'rootValue' | 'variableValues'>;

/** One behaviour: an operation on a schema, which every road must answer alike (DESIGN.md, "many roads"). */
export interface Case {
  readonly name: string;
  /** The rules of DESIGN.md that it shows. */
  readonly rules: readonly string[];
  readonly schema: GraphQLSchema;
  /** A schema of plain resolvers that means the same, where `schema` has plans. Null: `expected` alone counts. */
  readonly reference?: GraphQLSchema | null;
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly rootValue?: unknown;
  /** Made anew for every run, for what has state. */
  readonly makeRoot?: () => unknown;
  readonly makeContext?: () => unknown;
  readonly args?: CaseArgs;
  /** The answer, for cases that graphql-js cannot answer, or whose answer is worth reading here. */
  readonly expected?: unknown;
  /** Also checked on what `makeContext` made, after each run. */
  readonly check?: (context: never, road: string) => void;
  /** There are promises that graphql-js does not wait for, since something beside them bubbles up. planql may. */
  readonly mayWait?: boolean;
  /** Roads that cannot run this case, and why. */
  readonly skip?: Readonly<Partial<Record<RoadName, string>>>;
}

export type RoadName = 'closures' | 'no passes' | 'text' | 'buffer' | 'export/import' | 'other process';
