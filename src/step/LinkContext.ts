import type { PlacedExtra } from './RequestFacts.ts';

/** The context in which a plan is linked. A step class whose `fromParams` needs the schema finds it here. */
export interface LinkContext {
  /** The GraphQLSchema. Typed loosely, for steps know no GraphQL; those in `src/schema/steps` do. */
  readonly schema: object;
  /** The field node with this number, counting the fields of the document from its beginning. */
  fieldNode(ordinal: number): unknown;
  /** Calls a function that stands where a field's value should be, as graphql-js' default resolver does. */
  callField(
    coordinate: string,
    nodes: readonly unknown[],
    path: unknown,
    extra: PlacedExtra,
    owner: unknown,
    method: (...args: never[]) => unknown,
  ): unknown;
}
