import type { GraphQLTypeResolver } from 'graphql';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import { watchNested } from '../utils/watchPromise.ts';

/**
 * The type of an abstract value where nobody resolves it: `__typename`, else the first type whose `isTypeOf` holds. As
 * graphql-js' `defaultTypeResolver`, which in version 16 leaves promises of `isTypeOf` unhandled once another type holds.
 */
export const resolveTypeByDefault: GraphQLTypeResolver<unknown, unknown> = (value, context, info, abstractType) => {
  if (typeof value === 'object' && value !== null) {
    const { __typename } = value as { readonly __typename?: unknown };
    if (typeof __typename === 'string') return __typename;
  }
  const types = info.schema.getPossibleTypes(abstractType);
  const pending: PromiseLike<boolean>[] = [];
  const names: string[] = [];
  try {
    for (const type of types) {
      if (typeof type.isTypeOf !== 'function') continue;
      const is = type.isTypeOf(value, context, info);
      if (isPromiseLike(is)) {
        pending.push(is);
        names.push(type.name);
      } else if (is) {
        watchNested(pending);
        return type.name;
      }
    }
  } catch (error) {
    watchNested(pending);
    throw error;
  }
  if (pending.length === 0) return undefined;
  return Promise.all(pending).then((all) => names[all.findIndex(Boolean)]);
};
