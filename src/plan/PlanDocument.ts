import { sha256Hex } from '../utils/sha256.ts';
import { stableKey } from '../utils/stableKey.ts';
import type { Plan } from './Plan.ts';

/** An exported plan, with its preconditions (spec/3-plan-document.md, 3.8). */
export interface PlanDocument extends Plan {
  /** The version of each step class that the plan uses, by op. */
  readonly ops: Readonly<Record<string, number>>;
  /** The parts of the schema that were looked at in planning, by coordinate or type name, as they were. */
  readonly definitions: Readonly<Record<string, string>>;
  /** A hash of the rest of the document. It shows whether the document was changed after its export. */
  readonly hash: string;
}

/** The hash of a document with this content. The order of properties does not matter. */
export function planHash(document: Omit<PlanDocument, 'hash'>): string {
  return sha256Hex(stableKey({ ...document, hash: null }));
}
