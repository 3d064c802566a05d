/** What a process of its own is told to do. */
export interface Task {
  readonly task: 'answer' | 'measure';
  readonly workload: string;
  readonly contender: string;
  /** How long to measure. */
  readonly milliseconds: number;
}

/** What it tells, besides how it failed. */
export type Outcome =
  | { readonly kind: 'answers'; readonly answers: readonly string[] }
  | { readonly kind: 'measured'; readonly measurement: Measurement }
  /** The contender does not apply to the workload. */
  | { readonly kind: 'none' };

export interface Measurement {
  readonly opsPerSecond: number;
  /** Of all threads of the process, garbage collection and compilation included. */
  readonly cpuMicros: number;
  readonly allocatedBytes: number;
  readonly storeCalls: number;
}
