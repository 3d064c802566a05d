import type { Measurement } from '../Task.ts';
import type { Places } from './places.ts';

/** What a process of its own is told to do. */
export interface KvetchTask {
  readonly task: 'answer' | 'measure';
  readonly workload: string;
  readonly program: string;
  readonly milliseconds: number;
  readonly places: Places;
}

export type KvetchOutcome =
  | { readonly kind: 'answers'; readonly answers: readonly string[] }
  | { readonly kind: 'measured'; readonly measurement: KvetchMeasurement };

export interface KvetchMeasurement extends Measurement {
  /** Statements and commands that the servers say they were given, for one operation. */
  readonly sqlStatements: number;
  readonly redisCommands: number;
}
