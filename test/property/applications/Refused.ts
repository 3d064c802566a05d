import { GraphQLError } from 'graphql';

/** What the oracle refuses to answer. */
export class Refused extends GraphQLError {
  constructor(code: string) {
    super(code, { extensions: { code } });
  }
}
