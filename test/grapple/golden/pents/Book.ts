import type { PlanResolver } from 'planql';
import { BookBase } from '../generated/pents.ts';
import type { BookFilter, Format } from '../generated/types.ts';

/** The business logic of Book: privacy, what runs around writes, fields of its own. */
export class Book extends BookBase {
  override blurb(_args: { readonly length: number; readonly kind?: Format | null }): string {
    throw new Error('Book.blurb is not implemented yet.');
  }

  override similar(_args: { readonly to?: BookFilter | null }): readonly Book[] {
    throw new Error('Book.similar is not implemented yet.');
  }

  override oldTitle(): string | null {
    throw new Error('Book.oldTitle is not implemented yet.');
  }

  static readonly rank: PlanResolver = () => {
    throw new Error('Book.rank is not implemented yet.');
  };
}
