import type { DocumentNode } from 'graphql';
import type { Store, Variables, Workload } from '../Workload.ts';

/** Answers an operation as a server would send it: JSON as UTF-8 bytes, or as text. */
export interface Answer {
  (document: DocumentNode, variables: Variables): Promise<Uint8Array | string>;
  /** What is done for a document before it is asked for, outside of the clock. */
  readonly meet?: (document: DocumentNode, variables: Variables) => unknown;
  /** Ends what goes on beside it. */
  readonly end?: () => void;
}

/** One way to answer the operations of a workload. */
export interface Contender {
  readonly name: string;
  readonly title: string;
  /** Its answer must be the bytes of graphql-js' answer, not only mean the same. */
  readonly isExact: boolean;
  /** Null where it does not apply to the workload. */
  prepare(workload: Workload, store: Store): Answer | null;
}

export function hasErrors(result: unknown): boolean {
  return (result as { errors?: unknown }).errors !== undefined;
}

/** The answer as text, of contenders that build objects. A benchmark of errors would be one of nothing. */
export function textOfResult(result: unknown): string {
  if (hasErrors(result)) throw new Error(`Answered with errors: ${JSON.stringify(result).slice(0, 1000)}`);
  return JSON.stringify(result);
}
