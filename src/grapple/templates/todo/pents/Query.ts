import type { PentContext } from 'planql/pent';
import type { Viewer } from '../viewer.ts';
import { TodoUser } from './TodoUser.ts';

/** The fields of Query that are written by hand. */
export class Query {
  static async me(_args: object, context: PentContext<Viewer>): Promise<TodoUser | null> {
    return context.viewer.id === null ? null : TodoUser.get(context, context.viewer.id);
  }
}
