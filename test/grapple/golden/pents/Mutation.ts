import type { PentContext } from 'planql/pent';
import type { BookPayload, CreateReaderData, ReserveResult, Statistics } from '../generated/types.ts';

/** The fields of Mutation that are written by hand. */
export class Mutation {
  static lend(_args: { readonly data: CreateReaderData }, _context: PentContext): Statistics | null {
    throw new Error('Mutation.lend is not implemented yet.');
  }

  static giveBack(_args: { readonly reader: string }, _context: PentContext): BookPayload {
    throw new Error('Mutation.giveBack is not implemented yet.');
  }

  static reserve(_args: { readonly data: CreateReaderData }, _context: PentContext): ReserveResult {
    throw new Error('Mutation.reserve is not implemented yet.');
  }
}
