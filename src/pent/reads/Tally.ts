import { orderKey } from '../../kvetch/codec/orderKey.ts';
import { countNumber, type SummedPart, sumOfKeys } from '../../kvetch/codec/sumOfKeys.ts';
import { attempt } from '../../kvetch/reads/attempt.ts';
import { checkedSum, summedPart } from '../../kvetch/reads/readEdges.ts';
import { isRecord } from '../../utils/isRecord.ts';
import type { Context, PentPage } from '../contract.ts';
import { PentError, safeError } from '../errors.ts';
import { type CountedList, orderOf } from './countedLists.ts';

/** A list with more readable objects is not counted. */
export const MAX_COUNTED = 10_000;

/** A count, a sum or an average; null: the average of none. */
export type Found = number | Error | null;

/** What the viewer may read of one list: how many objects, or the sum of an attribute, as the store would add it up. */
export class Tally {
  readonly list: CountedList;
  /** Whether the attribute is in the data of the list's edges. */
  readonly isOfEntries: boolean;
  /** What is added up; null: nothing. */
  readonly #part: SummedPart | null;
  readonly #byKey = new Map<string, number>();
  #count = 0;
  #error: Error | null = null;

  constructor(context: Context, list: CountedList) {
    this.list = list;
    const { order, isOfEntries } = orderOf(context, list);
    const part =
      list.sum === undefined
        ? null
        : attempt(() => summedPart({ name: String(list.name), order }, `${list.sum}`, MAX_COUNTED));
    if (part instanceof Error) this.#error = part;
    this.#part = part instanceof Error ? null : part;
    this.isOfEntries = part !== null && isOfEntries;
  }

  /** Whether nothing more can change the result. */
  get isRefused(): boolean {
    return this.#error !== null;
  }

  /** The readable part of the next page; null where it has none. */
  add(page: PentPage | Error | null): void {
    if (page instanceof Error) this.#error ??= page;
    else if (page !== null) this.#error ??= errorOf(attempt(() => this.#addPage(page)));
  }

  get result(): Found {
    if (this.#error !== null) return this.#error;
    const part = this.#part;
    if (part === null) return this.#count;
    const sum = attempt(() => checkedSum(sumOfKeys(part, this.#byKey), part));
    return this.list.isAverage === true ? averageOf(sum, this.#count) : sum;
  }

  #addPage({ objects, entries }: PentPage): void {
    this.#count += objects.length;
    if (this.#count > MAX_COUNTED) throw tooLong();
    const part = this.#part;
    if (part === null) return;
    for (const [at, object] of objects.entries()) {
      if (object instanceof Error) throw object;
      const attributes = this.isOfEntries ? entries[at]?.data : object.$record;
      if (isRecord(attributes)) countNumber(part, this.#byKey, orderKey([part], attributes, `${this.list.name}`));
    }
  }
}

/** The sum of an attribute that all have, divided by their number. */
export function averageOf(sum: Found, count: Found): Found {
  if (sum === null || sum instanceof Error) return sum;
  return count === null || count instanceof Error ? count : count === 0 ? null : sum / count;
}

function errorOf(result: unknown): Error | null {
  return result instanceof Error ? result : null;
}

/** That a list has more readable objects than are counted. */
export function tooLong(): Error {
  const cause = new PentError(
    'COUNT_TOO_LONG',
    'Rules decide on each object of the list alone. Make them readable together (sameAs, allowWhere), or do not count them.',
  );
  const message = `This list is not counted: you may read more than ${MAX_COUNTED} objects of it.`;
  return safeError('COUNT_TOO_LONG', message, {}, cause);
}
