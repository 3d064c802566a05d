import type { Outcome, Pending } from '../operators/Pending.ts';
import type { StepCall } from '../operators/StepCall.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import type { Waiter } from './CancelScope.ts';

/** A run that goes on when a wait is over. */
export interface WaitingRun {
  goOn(wait: Wait, outcome: Outcome): void;
}

/** A wait of the driver: the pending work of a task, or of several steps that share a call. */
export class Wait implements Waiter<never> {
  readonly tasks: Task | readonly StepCall[];
  readonly #pending: Pending;
  readonly #run: WaitingRun;

  constructor(tasks: Task | readonly StepCall[], pending: Pending, run: WaitingRun) {
    this.tasks = tasks;
    this.#pending = pending;
    this.#run = run;
  }

  onValue(value: never): void {
    this.#run.goOn(this, this.#pending.onValue(value));
  }

  onError(error: unknown): void {
    this.#run.goOn(this, this.#pending.onError(error));
  }

  onLate(value: never): void {
    this.#pending.onLate?.(value);
  }
}
