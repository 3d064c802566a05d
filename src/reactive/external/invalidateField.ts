import type { GraphQLFieldResolver } from 'graphql';
import { anything, checkOptions } from '../../errors/checkOptions.ts';
import { SafeError } from '../../errors/SafeError.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import type { Invalidator } from '../Invalidator.ts';
import { ProtocolError } from '../server/protocol.ts';
import { VersionsUnavailableError } from '../versions/errors.ts';
import { ExternalInvalidations } from './ExternalInvalidations.ts';

/**
 * The options of `invalidateField`.
 * @inline
 */
export interface InvalidateFieldOptions<TContext> {
  /** The object that `createReactive` made: it is asked for when a request comes, since it needs the schema first. */
  readonly invalidator: () => Invalidator;
  /** Whether a request has the credential of a service, as `hasServiceToken` checks it in a header. Others are refused. */
  readonly isService: (context: TContext) => PromiseOrValue<boolean>;
}

/** The mutation field, for schemas that have a type `Mutation`. */
export const invalidateTypeDefs = `extend type Mutation {
  "Invalidates up to 1,000 keys, and returns their number. Equal idempotency keys are done once."
  invalidate(keys: [String!]!, idempotencyKey: String): Int!
}`;

/** The resolver of `Mutation.invalidate`: services that change data elsewhere report it by GraphQL. */
export function invalidateField<TContext>(options: InvalidateFieldOptions<TContext>): {
  readonly resolve: GraphQLFieldResolver<unknown, TContext>;
} {
  checkOptions('invalidateField', options, { invalidator: anything, isService: anything });
  const invalidations = new ExternalInvalidations(options.invalidator);
  return {
    async resolve(_root, { keys, idempotencyKey = null }, context) {
      if (!(await options.isService(context))) {
        throw new SafeError('Only services may invalidate.', { code: 'UNAUTHORIZED' });
      }
      try {
        return await invalidations.invalidate(keys, idempotencyKey);
      } catch (error) {
        if (error instanceof ProtocolError) throw new SafeError(error.message, { code: 'BAD_REQUEST' });
        if (error instanceof VersionsUnavailableError) throw new SafeError(error.message, { code: error.code });
        throw error;
      }
    },
  };
}
