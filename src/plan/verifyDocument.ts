import { isRecord } from '../utils/isRecord.ts';
import { checkShape } from './checkShape.ts';
import { documentSchema } from './documentSchema.ts';
import { PLAN_VERSION } from './Plan.ts';
import { type PlanDocument, planHash } from './PlanDocument.ts';
import { verifyPlan } from './verifyPlan.ts';

/**
 * The problems of a plan document of any origin, all at once: those of its shape; then wrong references between its
 * parts, and changes since its export. The importer checks its references to a schema or a process.
 */
export function verifyDocument(given: unknown): string[] {
  const shape = checkShape(given, documentSchema, documentSchema.$defs);
  if (shape.length > 0) return [...versionProblem(given), ...shape];
  const document = given as PlanDocument;
  const problems = verifyPlan(document);
  if (document.hash !== planHash(document)) {
    problems.push('The plan is not as it was exported: its hash is another. Export it again.');
  }
  return problems;
}

function versionProblem(given: unknown): string[] {
  const version = isRecord(given) ? given.version : undefined;
  if (version === undefined || version === PLAN_VERSION) return [];
  const seen = JSON.stringify(version);
  return [`The plan has version ${seen}, this executor reads version ${PLAN_VERSION}. Export it again.`];
}
