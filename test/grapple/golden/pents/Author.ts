import { denyAll, type Policy } from 'planql/pent';
import { AuthorBase } from '../generated/pents.ts';

/** The business logic of Author: privacy, hooks around writes, fields of its own. */
export class Author extends AuthorBase {
  /** The rule 'everybody': until it is written, nobody may read or write its objects. */
  static override readonly privacy: Policy<Author> = { read: [denyAll], write: [denyAll] };
}
