import { errorOf } from '../../../errors/errorOf.ts';
import { BadCallError, KvetchError } from '../../errors.ts';
import type { EntryRow, ObjectRow } from '../../shards/rows.ts';

/** Runs something for a member: its errors name the member. */
export function naming<T>(at: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw named(at, error);
  }
}

/** What the values of a member throw is an error of that member, not of the store that plans the unit. */
export function named(at: number, thrown: unknown): KvetchError {
  const error = thrown instanceof KvetchError ? thrown : new BadCallError(errorOf(thrown).message, thrown);
  if (error.member !== undefined) return error;
  error.member = at;
  error.message = `Member ${at}: ${error.message}`;
  return error;
}

/** The plan needs unique values that are not claimed yet. */
export class UnclaimedError extends KvetchError<'UNCLAIMED'> {
  readonly claims: readonly EntryRow[];

  constructor(claims: readonly EntryRow[]) {
    super('UNCLAIMED', 'Unique values of a unit are not claimed yet.', { next: 'retry' });
    this.claims = claims;
  }
}

/** The key of the unit is there already. */
export class RepeatedError extends KvetchError<'REPEATED'> {
  readonly row: ObjectRow;

  constructor(row: ObjectRow) {
    super('REPEATED', 'The unit was written before.');
    this.row = row;
  }
}

/** Its members, or the unique values that they claim, lie on several servers. */
export class SplitError extends KvetchError<'SPLIT'> {
  constructor() {
    super('SPLIT', 'The members of a unit lie on several servers.', { next: 'retry' });
  }
}

/** Others have taken the unit for one whose writer died, and have aborted it. */
export class AbortedError extends KvetchError<'ABORTED'> {
  constructor() {
    super('ABORTED', 'The unit took so long that another process has aborted it.', { next: 'retry' });
  }
}
