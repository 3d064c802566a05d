import { allowIf, denyAll, type Policy } from 'planql/pent';
import { UserBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** People: every signed-in viewer sees them all. */
export class User extends UserBase {
  static override readonly privacy: Policy<User, Viewer> = {
    read: [allowIf('signed in', (_user, { viewer }) => viewer.id !== null), denyAll],
    write: [denyAll],
  };
}
