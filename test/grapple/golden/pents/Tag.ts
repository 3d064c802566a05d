import { denyAll, type Policy } from 'planql/pent';
import { TagBase } from '../generated/pents.ts';

/** The business logic of Tag: privacy, hooks around writes, fields of its own. */
export class Tag extends TagBase {
  /** Until a rule allows it, nobody may write its objects. */
  static override readonly privacy: Policy<Tag> = { write: [denyAll] };
}
