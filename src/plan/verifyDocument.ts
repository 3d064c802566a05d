import { type PlanDocument, planHash } from './PlanDocument.ts';
import { verifyPlan } from './verifyPlan.ts';

/** What is wrong with a plan document, whoever made it: what is wrong with the plan, or that it was changed since. */
export function verifyDocument(given: unknown): string[] {
  const problems = verifyPlan(given);
  if (typeof given !== 'object' || given === null) return problems;
  const document = given as PlanDocument;
  if (!isRecordOf(document.ops, 'number')) problems.push('The plan does not say which versions of steps it uses.');
  if (!isRecordOf(document.definitions, 'string')) problems.push('The plan does not say which schema it was made for.');
  if (document.hash !== planHash(document)) {
    problems.push('The plan is not as it was exported: its hash is another. Export it again.');
  }
  return problems;
}

function isRecordOf(value: unknown, type: 'number' | 'string'): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) => typeof entry === type);
}
