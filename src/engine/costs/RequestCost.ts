import { atLeast, type OptionTable } from '../../errors/checkOptions.ts';

/** What an operation costs at most with the variables of a request. Infinity: there is no bound. */
export interface RequestCost {
  /** Calls of loaders, of Kvetch and of other steps that may wait. Resolvers are not counted: planql does not see what they do. */
  readonly calls: number;
  /** Keys that these calls ask for. */
  readonly keys: number;
  /** Items of all lists, each time that a list is opened or written. */
  readonly rows: number;
  /** Scalars and enum values in the response. */
  readonly leaves: number;
  /** All of it, weighted. */
  readonly cost: number;
  /** The field that costs most; null where nothing costs anything. */
  readonly costliest: { readonly coordinate: string; readonly cost: number } | null;
  /** The field of a list without a bound; null: each list has one. */
  readonly unbounded: string | null;
}

/**
 * The cost of one call, one key, one row, one leaf.
 * @inline
 */
export interface CostWeights {
  /** The price of one call of a loader or store. Default 10. */
  readonly call: number;
  /** The price of one key of a call. Default 1. */
  readonly key: number;
  /** The price of one row. Default 1. */
  readonly row: number;
  /** The price of one leaf of the response. Default 0.1. */
  readonly leaf: number;
}

export const defaultWeights: CostWeights = { call: 10, key: 1, row: 1, leaf: 0.1 };

export const weightOptions: OptionTable<CostWeights> = {
  call: atLeast(0),
  key: atLeast(0),
  row: atLeast(0),
  leaf: atLeast(0),
};
