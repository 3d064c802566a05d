import { denyAll, type Policy } from 'planql/pent';
import { PasswordResetBase } from '../generated/pents.ts';

/** No viewer reads or writes it: auth/accounts.ts does, past privacy. */
export class PasswordReset extends PasswordResetBase {
  static override readonly privacy: Policy<PasswordReset> = { read: [denyAll], write: [denyAll] };
}
