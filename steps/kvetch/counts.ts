import { anything, checkOptions, type OptionTable } from '../../src/errors/checkOptions.ts';
import type { Range } from '../../src/kvetch/codec/orderKey.ts';
import type { SumArgs } from '../../src/kvetch/reads/KvetchReads.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { aheadTraits } from '../load/aheadTraits.ts';
import type { LoadOptions } from '../load/loader.ts';
import { byKey, loadKey, type PageLoader, pageLoader } from './paging.ts';
import { type RangeSteps, rangeStep } from './RangeStep.ts';
import { readsOf, remembersAhead } from './storeOf.ts';

/** What is counted of a list. */
export interface CountSteps<TRange = RangeSteps> extends LoadOptions {
  /** Bounds of a list that has an order: see `ListSteps`. */
  readonly range?: TRange | Step | undefined;
  /** Count no further: the answer is this number where there are as many, or more. */
  readonly upTo?: number | undefined;
}

type CountKey<TOf> = readonly [name: string | number, of: TOf, upTo?: number, range?: Range, sum?: string];

function argsOf<TOf>(key: CountKey<TOf>): SumArgs & { readonly key: CountKey<TOf> } {
  return { upTo: key[2], range: key[3], sum: key[4], key };
}

const edgeCounts: PageLoader<number, CountKey<string>> = pageLoader<number, CountKey<string>>(
  'kvetch.edgeCounts',
  (keys, info) =>
    readsOf(info).counts(
      keys.map((key) => ({ edge: key[0], fromId: key[1], ...argsOf(key) })),
      byKey(info),
    ),
);
const indexCounts: PageLoader<number, CountKey<unknown>> = pageLoader<number, CountKey<unknown>>(
  'kvetch.indexCounts',
  (keys, info) =>
    readsOf(info).indexCounts(
      keys.map((key) => ({ index: key[0], value: key[1], ...argsOf(key) })),
      byKey(info),
    ),
);
aheadTraits.set(edgeCounts, remembersAhead());
aheadTraits.set(indexCounts, remembersAhead());

const countSteps: OptionTable<CountSteps> = { range: anything, upTo: anything, ahead: anything };

function keyOf(name: string | number, $of: Step, options: CountSteps): readonly Step[] {
  checkOptions('A count', options, countSteps);
  const { range, upTo } = options;
  const $range = rangeStep(range);
  const isPlain = $range === null && upTo === undefined;
  return [constant(name), $of, ...(isPlain ? [] : [constant(upTo), $range ?? constant(undefined)])];
}

type SumSteps = Omit<CountSteps, 'upTo'>;

const sumSteps: OptionTable<SumSteps> = { range: anything, ahead: anything };

function sumKeyOf(name: string, $of: Step, attr: string, options: SumSteps): readonly Step[] {
  checkOptions('A sum', options, sumSteps);
  const missing = constant(undefined);
  return [constant(name), $of, missing, rangeStep(options.range) ?? missing, constant(attr)];
}

/** Represents the sum of the first attribute that a list is ordered by. */
export function sumEdges(
  edge: string,
  $fromId: Step<string>,
  attr: string,
  options: SumSteps = {},
): Step<number | null> {
  return loadKey(edgeCounts, sumKeyOf(edge, $fromId, attr, options), { ahead: options.ahead });
}

/** Represents the same of what an index lists for a value. */
export function sumIndex(index: string, $value: Step, attr: string, options: SumSteps = {}): Step<number | null> {
  return loadKey(indexCounts, sumKeyOf(index, $value, attr, options), { ahead: options.ahead });
}

/** Represents the number of edges of a list. */
export function countEdges(
  edge: string | number,
  $fromId: Step<string>,
  options: CountSteps = {},
): Step<number | null> {
  resolveStep('countEdges', $fromId);
  return loadKey(edgeCounts, keyOf(edge, $fromId, options), { ahead: options.ahead });
}

/** Represents the number of objects that an index holds for a value. */
export function countIndex(index: string | number, $value: Step, options: CountSteps = {}): Step<number | null> {
  resolveStep('countIndex', $value);
  return loadKey(indexCounts, keyOf(index, $value, options), { ahead: options.ahead });
}
