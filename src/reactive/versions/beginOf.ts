import type { Moment, VersionStore } from './VersionStore.ts';

/** A moment of the version store, and of the clock in microseconds since 1970. */
export interface Begun extends Moment {
  readonly at: number;
}

let last = 0;

/** The moment at which a response begins to read; null as long as nothing is known. Later ones of a process have a later time. */
export function beginOf({ seen }: VersionStore): Begun | null {
  if (seen === null) return null;
  last = Math.max(last + 1, now());
  return { ...seen, at: last };
}

/** Microseconds since 1970. */
export function now(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}
