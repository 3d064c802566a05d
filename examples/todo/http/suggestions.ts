/** Errors name the fields that a client may have meant. Where introspection is off, that would tell the schema name by name. */
import { GraphQLError } from 'graphql';

/** The result without guesses in the errors of its document and variables. Errors of fields are the application's own. */
export function withoutSuggestions<T extends object>(result: T): T {
  const { errors } = result as { readonly errors?: readonly GraphQLError[] };
  return errors === undefined ? result : { ...result, errors: errorsWithoutSuggestions(errors) };
}

export function errorsWithoutSuggestions(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return errors.map((error) => {
    const at = error.message.endsWith('?') ? error.message.lastIndexOf(' Did you mean ') : -1;
    if (error.path !== undefined || at === -1) return error;
    return new GraphQLError(error.message.slice(0, at), { nodes: error.nodes ?? null, extensions: error.extensions });
  });
}
