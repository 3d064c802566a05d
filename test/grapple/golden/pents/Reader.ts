import { denyAll, type Policy } from 'planql/pent';
import { ReaderBase } from '../generated/pents.ts';

/** The business logic of Reader: privacy, hooks around writes, fields of its own. */
export class Reader extends ReaderBase {
  /** Until a rule allows it, nobody may write its objects. Who sees a field is up to its rule (email: theReader, guardianId: theReader). */
  static override readonly privacy: Policy<Reader> = {
    write: [denyAll],
    fields: { email: [denyAll], guardianId: [denyAll] },
  };
}
