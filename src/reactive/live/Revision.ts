import type { ExecutionResult } from 'graphql';
import { jsonPatch, type PatchOperation } from './jsonPatch.ts';

/** A patch that is larger than this part of the whole is not sent. */
const MAX_PART = 0.6;

/** One of the different results of a live query, and the payload for each consumer. */
export class Revision {
  readonly number: number;
  readonly result: ExecutionResult;
  readonly #data: string | undefined;
  readonly #errors: string | undefined;
  #whole: ExecutionResult | null = null;
  #patched: ExecutionResult | null = null;

  constructor(number: number, result: ExecutionResult) {
    this.number = number;
    this.result = result;
    this.#data = JSON.stringify(result.data);
    this.#errors = JSON.stringify(result.errors);
  }

  isEqual(other: Revision): boolean {
    return this.#data === other.#data && this.#errors === other.#errors;
  }

  /** Makes the patch that leads here from the revision before, where that is shorter than the whole. */
  follow(before: Revision): void {
    const data = this.#data;
    const isComparable = this.#errors === undefined && before.#errors === undefined;
    if (!isComparable || data === undefined || before.#data === undefined || this.result.data === null) return;
    let patch: readonly PatchOperation[];
    try {
      // As clients have it: a scalar may be of any class.
      patch = jsonPatch(JSON.parse(before.#data), JSON.parse(data));
    } catch {
      return; // nested too deeply
    }
    if (JSON.stringify(patch).length > MAX_PART * data.length) return;
    this.#patched = { extensions: { live: { rev: this.number, base: before.number, patch } } };
  }

  /** The payload for a consumer that has the revision `has` (null: none) and takes patches, or does not. */
  payload(has: number | null, takesPatches: boolean): ExecutionResult {
    if (takesPatches && this.#patched !== null && has === this.number - 1) return this.#patched;
    const { result } = this;
    this.#whole ??= { ...result, extensions: { ...result.extensions, live: { rev: this.number } } };
    return this.#whole;
  }
}
