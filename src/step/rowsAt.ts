import type { ReadPath } from './reads.ts';
import type { MaxRows, Step } from './Step.ts';

/** The length of a list that a step of the request holds at `path`. */
export function lengthAt($step: Step, path: ReadPath): MaxRows {
  const keys: (string | number)[] = [];
  for (const key of path) {
    if (typeof key === 'symbol') return null;
    keys.push(key);
  }
  return { kind: 'length', $step, path: keys };
}

/** The number that a step of the request holds at `path`. */
export function valueAt($step: Step, ...path: readonly (string | number)[]): MaxRows {
  return { kind: 'value', $step, path };
}
