import { denyAll, type Policy } from 'planql/pent';
import { CredentialBase } from '../generated/pents.ts';

/** No viewer reads or writes it: auth/accounts.ts does, past privacy. */
export class Credential extends CredentialBase {
  static override readonly privacy: Policy<Credential> = { read: [denyAll], write: [denyAll] };
}
