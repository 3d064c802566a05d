import type { PlanDraft } from '../PlanDraft.ts';

/** One rewriting of a draft. Where its `name` is disabled it does not run; the plan then does more, never other, work. */
export interface Pass {
  readonly name: string;
  run(draft: PlanDraft, enabled: boolean): void;
  /** Runs even when disabled, with `enabled` false, because later stages need its conclusion. */
  readonly isRequired?: true;
  /** Has nothing to do where no pass before it replaced a step or made one: it is left out then. */
  readonly afterChange?: true;
}
