import type { Outcome, Pending } from '../operators/Pending.ts';
import type { StepCall } from '../operators/StepCall.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import type { Waiter } from './CancelScope.ts';

/** A wait of the driver: the pending work of a task, or of several steps that share a call. */
export class Wait implements Waiter<never> {
  readonly tasks: Task | readonly StepCall[];
  readonly #pending: Pending;
  readonly #goOn: (wait: Wait, outcome: Outcome) => void;

  constructor(tasks: Task | readonly StepCall[], pending: Pending, goOn: (wait: Wait, outcome: Outcome) => void) {
    this.tasks = tasks;
    this.#pending = pending;
    this.#goOn = goOn;
  }

  onValue(value: never): void {
    this.#goOn(this, this.#pending.onValue(value));
  }

  onError(error: unknown): void {
    this.#goOn(this, this.#pending.onError(error));
  }

  onLate(value: never): void {
    this.#pending.onLate?.(value);
  }
}
