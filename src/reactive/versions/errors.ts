import { PlanqlError } from '../../errors/PlanqlError.ts';

/** The version store does not answer. Responses then have the status `unavailable`. */
export class VersionsUnavailableError extends PlanqlError<'VERSIONS_UNAVAILABLE'> {
  constructor(cause?: unknown) {
    super('VERSIONS_UNAVAILABLE', 'The version store does not answer. Ask again later.', { cause });
  }
}
