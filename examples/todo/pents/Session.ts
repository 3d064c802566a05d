import { denyAll, type Policy } from 'planql/pent';
import { SessionBase } from '../generated/pents.ts';

/** No viewer reads or writes it: auth/accounts.ts does, past privacy. */
export class Session extends SessionBase {
  static override readonly privacy: Policy<Session> = { read: [denyAll], write: [denyAll] };
}
