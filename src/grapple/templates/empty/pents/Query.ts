import type { PentContext } from 'planql/pent';
import type { Viewer } from '../viewer.ts';
import { User } from './User.ts';

/** The fields of Query that are written by hand. */
export class Query {
  static async me(_args: object, context: PentContext<Viewer>): Promise<User | null> {
    return context.viewer.id === null ? null : User.get(context, context.viewer.id);
  }
}
