import { PlanqlError } from '../errors/PlanqlError.ts';
import type { PlanDocument } from '../plan/PlanDocument.ts';
import { isRecord } from '../utils/isRecord.ts';
import { equalInConstantTime, hmacSha256 } from '../utils/sha256.ts';
import { stableKey } from '../utils/stableKey.ts';
import { utf8Length } from '../utils/utf8.ts';
import { PlanDocumentError } from './PlanDocumentError.ts';

const LEAST_BYTES = 16;

/** Signs plans for a store, and checks the plans that a store gives (spec/3-plan-document.md, 3.10.8). */
export interface PlanSignature {
  sign(plan: PlanDocument): PlanDocument;
  /** The plan without its signature. Throws a PlanDocumentError where the plan was not signed with this secret. */
  verify(json: unknown): unknown;
}

/** Plans as they are: anybody with write access to the store chooses the plans that run. A signed plan is refused, as any unknown property. */
const unsigned: PlanSignature = { sign: (plan) => plan, verify: (json) => json };

export function planSignature(secret: string | undefined): PlanSignature {
  if (secret === undefined) return unsigned;
  const bytes = utf8Length(secret);
  if (bytes < LEAST_BYTES) {
    throw new PlanqlError(
      'BAD_OPTION',
      `planStoreOptions.secret has ${bytes} bytes. Give it at least ${LEAST_BYTES} bytes, from a random source.`,
    );
  }
  // Whatever the order of its properties: a store may change it.
  const signatureOf = (plan: unknown): string => hmacSha256(secret, stableKey(plan));
  return {
    sign: (plan) => ({ ...plan, signature: signatureOf(plan) }),
    verify(json) {
      if (!isRecord(json)) return json; // not a plan, and refused as such
      const { signature, ...plan } = json;
      if (typeof signature === 'string' && equalInConstantTime(signatureOf(plan), signature)) return plan;
      throw new PlanDocumentError(
        'A stored plan is not signed with planStoreOptions.secret. It was made with another secret, or changed.',
        [],
      );
    },
  };
}
