import type { PentContext } from 'planql/pent';
import type { Viewer } from '../viewer.ts';
import { Account } from './Account.ts';

/** The fields of Query that are written by hand. */
export class Query {
  static async me(_args: object, context: PentContext<Viewer>): Promise<Account | null> {
    return context.viewer.id === null ? null : Account.get(context, context.viewer.id);
  }
}
