import type { KvetchMeasurement } from './Task.ts';

/** What a run found out, as bench/results/kvetch-*.json holds it. */
export interface KvetchResults {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly revision: string;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly workloads: readonly KvetchWorkloadResults[];
}

export interface KvetchWorkloadResults {
  readonly name: string;
  readonly title: string;
  readonly programs: readonly KvetchProgramResults[];
}

export interface KvetchProgramResults {
  readonly name: string;
  readonly title: string;
  /** Medians of the rounds; null where it could not be measured. */
  readonly measured: KvetchMeasurement | null;
  /** Multiples of what the program by hand takes in time (of one client, or of all together) and in CPU of the process. */
  readonly timeRatio: number | null;
  readonly cpuRatio: number | null;
  /** Lowest and highest time of a round as a multiple of the median by hand. */
  readonly spread: readonly [number, number] | null;
  readonly missing: string | null;
}
