import { allowIf, denyAll, type Policy } from 'planql/pent';
import { AccountBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { User } from './User.ts';

/** What somebody has in private: for its owner alone, favourites and blocks included. Sign-up makes it. */
export class Account extends AccountBase {
  static override readonly privacy: Policy<Account, Viewer> = {
    read: [allowIf('owner', ({ id }, { viewer }) => id === viewer.id), denyAll],
    create: [denyAll],
    write: [allowIf('owner', ({ before }, { viewer }) => before?.id === viewer.id), denyAll],
  };

  override async name(): Promise<string> {
    return (await User.getX(this.$context, this.userId)).name;
  }
}
