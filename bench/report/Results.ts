import type { Measurement } from '../Task.ts';

/** What a run found out, as bench/results/*.json holds it. */
export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly revision: string;
  readonly planql: 'sources' | 'dist';
  readonly rounds: number;
  readonly milliseconds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly workloads: readonly WorkloadResults[];
}

export interface WorkloadResults {
  readonly name: string;
  readonly title: string;
  /** The contender that all are compared with: the fastest honest program by hand, or graphql-js' validation. */
  readonly baseline: string;
  readonly contenders: readonly ContenderResults[];
}

export interface ContenderResults {
  readonly name: string;
  readonly title: string;
  /** Medians of the rounds; null where it was not measured. */
  readonly measured: Measurement | null;
  /** CPU time as a multiple of the baseline's. */
  readonly ratio: number | null;
  /** Lowest and highest ratio of a round to the baseline's median. */
  readonly spread: readonly [number, number] | null;
  /** Why it was not measured. */
  readonly missing: string | null;
}
