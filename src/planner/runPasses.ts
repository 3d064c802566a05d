import type { PlanDraft } from './PlanDraft.ts';
import { standardPasses } from './standardPasses.ts';

/** Hears of each pass that ran, for explain and for golden files. */
export type PassObserver = (name: string, draft: PlanDraft) => void;

/** The only place that runs a pass. */
export function runPasses(draft: PlanDraft, disabled: ReadonlySet<string>, observe: PassObserver | null): void {
  observe?.('build', draft);
  const { graph } = draft;
  const built = graph.steps.length + graph.replacements;
  for (const pass of standardPasses) {
    const enabled = !disabled.has(pass.name);
    if (!enabled && pass.isRequired !== true) continue;
    const isIdle = pass.afterChange === true && graph.steps.length + graph.replacements === built;
    if (!isIdle) pass.run(draft, enabled);
    observe?.(pass.name, draft);
  }
}
