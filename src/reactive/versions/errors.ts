import { PlanqlError } from '../../errors/PlanqlError.ts';

/** The version store does not answer: changes are unknown now. */
export class VersionsUnavailableError extends PlanqlError<'VERSIONS_UNAVAILABLE'> {
  constructor(cause?: unknown) {
    super('VERSIONS_UNAVAILABLE', 'The version store does not answer. Ask again later.', { cause });
  }
}
