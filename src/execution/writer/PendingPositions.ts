import { InternalError } from '../../errors/InternalError.ts';
import { Failure } from '../../step/signals.ts';
import { nextTurn } from '../../utils/nextTurn.ts';
import type { Driver } from '../driver/Driver.ts';
import { snapshot } from '../driver/snapshot.ts';
import { assemble } from './assemble.ts';
import { NullableAncestor, type PendingNode, PendingPosition } from './PendingPosition.ts';
import { BUBBLE, type PendingPositionOwner, type ResponseState } from './ResponseState.ts';

/**
 * Fills the pending positions of a response. Each is completed alone when its value arrives, so that nothing is read or called twice.
 * A null bubbles to the nearest nullable position; the pending positions below that position are abandoned.
 */
export class PendingPositions implements PendingPositionOwner {
  readonly #state: ResponseState;
  readonly #driver: Driver;
  readonly #root: PendingPosition;
  /** Parts that become null at the end of this turn of the event loop. */
  #losing: (PendingPosition | NullableAncestor)[] = [];
  #resolve: (data: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #stopListening: () => void = () => {};
  #isOver = false;
  #willClose = false;
  #willFail = false;
  #isDriving = false;
  /** There may be pending positions that no abort has failed yet. */
  #hasNewPending = true;

  /** `data` has pending positions. It was written at the first `depth` keys of the state's path. */
  constructor(state: ResponseState, depth: number, data: unknown) {
    this.#state = state;
    this.#driver = state.driver;
    const place = { path: state.path.slice(0, depth), errorsBefore: 0, context: null };
    this.#root = new PendingPosition(place, () => data, undefined, 0, -1);
    state.owner = this;
    this.#take(this.#root, data);
  }

  /** Resolves with the data, or `BUBBLE`, when no position is open. */
  filled(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#stopListening = this.#driver.scope.onAbort(() => this.#failSoon());
      this.#goOn();
    });
  }

  settle(position: PendingPosition, outcome: unknown): void {
    if (this.#isOver || position.isFilled || isGivenUp(position)) return this.#state.unread(position.output, outcome);
    this.#guarded(() => {
      this.#fill(position, outcome);
      this.#goOn();
    });
  }

  /** A defect of planql ends the response instead of leaving it without an answer. */
  #guarded(task: () => void): void {
    if (this.#isOver) return;
    try {
      task();
    } catch (error) {
      this.#end();
      this.#reject(error);
    }
  }

  #fill(position: PendingPosition, value: unknown): void {
    const state = this.#state;
    state.moveTo(position);
    const result = position.complete(state as never, value, position.row);
    if (state.isUnfinished) {
      state.isUnfinished = false;
      state.unfinished.push(position);
    } else this.#take(position, result);
  }

  #take(position: PendingPosition, result: unknown): void {
    const { errors, pending, driver, halted } = this.#state;
    if (errors.length > 0) driver.state.unwatched.arm();
    const wasOpen = position.open;
    if (result === BUBBLE) {
      for (const node of pending) node.isOver = true;
      position.isLost = true;
      change(position, position.fill(undefined, errors, []) - wasOpen);
      this.#losing.push(halted ? this.#root : nearestNullable(position));
      return;
    }
    if (pending.length > 0) this.#hasNewPending = true;
    change(position, position.fill(result, errors, pending) - wasOpen);
  }

  #goOn(): void {
    if (this.#root.open === 0) return this.#complete();
    if (this.#losing.length > 0) this.#closeSoon();
    if (this.#driver.state.aborted !== null && this.#hasNewPending) this.#failSoon();
    if (this.#state.unfinished.length > 0) this.#driveOn();
  }

  #complete(): void {
    const state = this.#state;
    this.#end();
    if (state.progress.isRunning) this.#driver.isPassed = true;
    this.#resolve(assemble(state, this.#root));
  }

  #end(): void {
    this.#isOver = true;
    this.#stopListening();
  }

  /**
   * Waits for other errors of the same event-loop turn: of several errors the first in the order of the response counts
   * (spec 4.12.10).
   */
  #closeSoon(): void {
    if (this.#willClose) return;
    this.#willClose = true;
    nextTurn(() => {
      this.#willClose = false;
      this.#guarded(() => {
        const losing = this.#losing;
        this.#losing = [];
        for (const part of losing) {
          if (isGivenUp(part)) continue;
          change(part, -part.open);
          part.isOver = true;
        }
        this.#goOn();
      });
    });
  }

  /** Promises that settled before the abort still count. Their microtasks run before this one. */
  #failSoon(): void {
    if (this.#willFail) return;
    this.#willFail = true;
    this.#hasNewPending = false;
    queueMicrotask(() => {
      this.#willFail = false;
      if (this.#hasNewPending) return this.#failSoon();
      this.#guarded(() => {
        const { aborted } = this.#driver.state;
        const failure = new Failure(aborted?.error);
        for (const position of openPositions(this.#root, new Set(this.#state.unfinished)))
          this.#fill(position, failure);
        this.#goOn();
      });
    });
  }

  /** Continues the run until it is done, or until another null may have made the rest unnecessary. */
  #driveOn(): void {
    if (this.#isDriving) return;
    this.#isDriving = true;
    const goOn = (): void => {
      this.#isDriving = false;
      this.#guarded(() => {
        const state = this.#state;
        this.#driver.assertSound();
        const isDone = !state.progress.isRunning;
        state.run = isDone ? this.#driver.state : snapshot(this.#driver);
        for (const position of state.unfinished.splice(0))
          if (!isGivenUp(position)) this.#fill(position, position.value);
        if (isDone && state.unfinished.length > 0) {
          throw new InternalError('A position of the response is still to come, and the run is done.');
        }
        this.#goOn();
      });
    };
    void (this.#state.progress.drive() ?? Promise.resolve()).then(goOn);
  }
}

function change(part: PendingPosition | NullableAncestor, by: number): void {
  for (let at: PendingNode | null = part; at !== null; at = at.parent) at.open += by;
}

/** The part that becomes null when a pending position is lost. The root, if no part around the position is nullable. */
function nearestNullable(position: PendingPosition): PendingPosition | NullableAncestor {
  let part: PendingPosition | NullableAncestor = position;
  while (part.parent !== null) {
    part = part.parent;
    if (part instanceof NullableAncestor) break;
  }
  return part;
}

function isGivenUp(part: PendingPosition | NullableAncestor): boolean {
  for (let at: PendingNode | null = part; at !== null; at = at.parent) if (at.isOver) return true;
  return false;
}

/** The pending positions that wait for promises, in the order of the response. */
function openPositions(
  part: PendingPosition | NullableAncestor,
  unfinished: ReadonlySet<PendingPosition>,
  found: PendingPosition[] = [],
): readonly PendingPosition[] {
  if (part.isOver || part.open === 0) return found;
  if (part instanceof PendingPosition && !part.isFilled && !unfinished.has(part)) found.push(part);
  for (const node of part.pending) openPositions(node, unfinished, found);
  return found;
}
