import type { OperationMessage, StepObserver } from './channels.ts';

/** Both hear of the steps, also where one throws. */
export function observedByBoth(first: StepObserver | null, second: StepObserver): StepObserver {
  if (first === null) return second;
  return {
    onCall(...told) {
      try {
        first.onCall(...told);
      } finally {
        second.onCall(...told);
      }
    },
    onTrace(...told) {
      try {
        first.onTrace(...told);
      } finally {
        second.onTrace(...told);
      }
    },
  };
}

type Around = NonNullable<OperationMessage['around']>;

/** Calls run inside of both. */
export function aroundBoth(outer: Around | null, inner: Around): Around {
  return outer === null ? inner : (step, call) => outer(step, () => inner(step, call));
}
