import type { PlanResolver } from 'planql';
import { denyAll, type Policy } from 'planql/pent';
import { BookBase } from '../generated/pents.ts';
import type { BookFilter, Format, Found, TagConnection } from '../generated/types.ts';

/** The business logic of Book: privacy, hooks around writes, fields of its own. */
export class Book extends BookBase {
  /** Until a rule allows it, nobody may write its objects. Who sees a field is up to its rule (cost: librarians). */
  static override readonly privacy: Policy<Book> = { write: [denyAll], fields: { cost: [denyAll] } };

  override blurb(_args: { readonly length: number; readonly kind?: Format | null }): string {
    throw new Error('Book.blurb is not implemented yet.');
  }

  override similar(_args: { readonly to?: BookFilter | null }): readonly Book[] {
    throw new Error('Book.similar is not implemented yet.');
  }

  override related(_args: { readonly kinds?: readonly Format[] | null }): readonly Found[] | null {
    throw new Error('Book.related is not implemented yet.');
  }

  override page(_args: { readonly first?: number | null }): TagConnection | null {
    throw new Error('Book.page is not implemented yet.');
  }

  override oldTitle(): string | null {
    throw new Error('Book.oldTitle is not implemented yet.');
  }

  static readonly rank: PlanResolver = () => {
    throw new Error('Book.rank is not implemented yet.');
  };
}
