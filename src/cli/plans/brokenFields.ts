import type { PlanDocument } from '../../plan/PlanDocument.ts';

/** A sentence for each field of a plan that could not be planned. Such a plan answers with errors only there. */
export function brokenFields({ outputs }: Pick<PlanDocument, 'outputs'>): string[] {
  return outputs.flatMap((output) => {
    if (output.kind !== 'object') return [];
    return output.fields.flatMap(({ coordinate, position }) => {
      const found = outputs[position.output];
      return found?.kind === 'error' ? [`${coordinate} cannot be planned: ${found.message}`] : [];
    });
  });
}
