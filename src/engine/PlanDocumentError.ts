import { PlanqlError } from '../errors/PlanqlError.ts';

/** A plan that cannot be exported, or cannot be used here. `problems` holds every reason, one sentence each. */
export class PlanDocumentError extends PlanqlError<'PLAN_DOCUMENT'> {
  /** Every reason, one sentence each. */
  readonly problems: readonly string[];

  constructor(summary: string, problems: readonly string[]) {
    super('PLAN_DOCUMENT', [summary, ...problems].join('\n- '));
    this.problems = problems;
  }
}
