import type { PlanResolver } from 'planql';
import type { PentContext } from 'planql/pent';
import type { Borrower, Found, Statistics, Titled } from '../generated/types.ts';

/** The fields of Query that are written by hand. */
export class Query {
  static statistics(_args: { readonly since?: Date | null }, _context: PentContext): Statistics | null {
    throw new Error('Query.statistics is not implemented yet.');
  }

  static readonly newest: PlanResolver = () => {
    throw new Error('Query.newest is not implemented yet.');
  };

  static search(_args: { readonly text: string }, _context: PentContext): readonly Found[] {
    throw new Error('Query.search is not implemented yet.');
  }

  static oldest(_args: Record<string, never>, _context: PentContext): Titled | null {
    throw new Error('Query.oldest is not implemented yet.');
  }

  static borrowers(_args: { readonly book: string }, _context: PentContext): readonly Borrower[] {
    throw new Error('Query.borrowers is not implemented yet.');
  }
}
