import { InternalError } from '../../errors/InternalError.ts';
import { Failure } from '../../step/signals.ts';
import type { Driver } from '../driver/Driver.ts';
import { snapshot } from '../driver/snapshot.ts';
import { assemble } from './assemble.ts';
import { Hole, NullableGroup, type Spot } from './Hole.ts';
import { BUBBLE, type HoleOwner, type OutputState } from './OutputState.ts';

/**
 * Fills the holes of a response. Each is completed alone when its value arrives, so that nothing is read or called twice.
 * A null bubbles to the nearest nullable position; the holes below that position are abandoned.
 */
export class HoleFiller implements HoleOwner {
  readonly #state: OutputState;
  readonly #driver: Driver;
  readonly #root: Hole;
  /** Parts that become null at the end of this turn of the event loop. */
  #losing: (Hole | NullableGroup)[] = [];
  #resolve: (data: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #stopListening: () => void = () => {};
  #isOver = false;
  #willClose = false;
  #willFail = false;
  #isDriving = false;
  /** There may be holes that no abort has failed yet. */
  #hasNewHoles = true;

  /** `data` has holes. It was written at the first `depth` keys of the state's path. */
  constructor(state: OutputState, depth: number, data: unknown) {
    this.#state = state;
    this.#driver = state.driver;
    const place = { path: state.path.slice(0, depth), errorsBefore: 0, at: 0, context: null };
    this.#root = new Hole(place, () => data, undefined, 0, -1);
    this.#root.start = state.start;
    state.owner = this;
    this.#take(this.#root, data);
  }

  /** Resolves with the data, or `BUBBLE`, when no hole is open. */
  filled(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#stopListening = this.#driver.scope.onAbort(() => this.#failSoon());
      this.#goOn();
    });
  }

  settle(hole: Hole, outcome: unknown): void {
    if (this.#isOver || hole.isFilled || isGivenUp(hole)) return this.#state.unread(hole.output, outcome);
    this.#guarded(() => {
      this.#fill(hole, outcome);
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

  #fill(hole: Hole, value: unknown): void {
    const state = this.#state;
    state.moveTo(hole);
    hole.start = state.position;
    const result = hole.complete(state as never, value, hole.row);
    if (state.isUnfinished) {
      state.isUnfinished = false;
      state.position = hole.start;
      state.unfinished.push(hole);
    } else this.#take(hole, result);
  }

  #take(hole: Hole, result: unknown): void {
    const { position, errors, spots, driver, halted } = this.#state;
    if (errors.length > 0) driver.state.unwatched.arm();
    hole.end = position;
    const wasOpen = hole.open;
    if (result === BUBBLE) {
      for (const spot of spots) spot.isOver = true;
      this.#state.position = hole.start;
      hole.isLost = true;
      change(hole, hole.fill(undefined, errors, []) - wasOpen);
      this.#losing.push(halted ? this.#root : nearestNullable(hole));
      return;
    }
    if (spots.length > 0) this.#hasNewHoles = true;
    change(hole, hole.fill(result, errors, spots) - wasOpen);
  }

  #goOn(): void {
    if (this.#root.open === 0) return this.#complete();
    if (this.#losing.length > 0) this.#closeSoon();
    if (this.#driver.state.aborted !== null && this.#hasNewHoles) this.#failSoon();
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
   * (decision 0019).
   */
  #closeSoon(): void {
    if (this.#willClose) return;
    this.#willClose = true;
    setImmediate(() => {
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
    this.#hasNewHoles = false;
    queueMicrotask(() => {
      this.#willFail = false;
      if (this.#hasNewHoles) return this.#failSoon();
      this.#guarded(() => {
        const { aborted } = this.#driver.state;
        const failure = new Failure(aborted?.error);
        for (const hole of openHoles(this.#root, new Set(this.#state.unfinished))) this.#fill(hole, failure);
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
        for (const hole of state.unfinished.splice(0)) if (!isGivenUp(hole)) this.#fill(hole, hole.value);
        if (isDone && state.unfinished.length > 0) {
          throw new InternalError('A position of the response is still to come, and the run is done.');
        }
        this.#goOn();
      });
    };
    void (this.#state.progress.drive() ?? Promise.resolve()).then(goOn);
  }
}

function change(part: Hole | NullableGroup, by: number): void {
  for (let at: Spot | null = part; at !== null; at = at.parent) at.open += by;
}

/** The part that becomes null when a hole is lost. The root, if no part around the hole is nullable. */
function nearestNullable(hole: Hole): Hole | NullableGroup {
  let part: Hole | NullableGroup = hole;
  while (part.parent !== null) {
    part = part.parent;
    if (part instanceof NullableGroup) break;
  }
  return part;
}

function isGivenUp(part: Hole | NullableGroup): boolean {
  for (let at: Spot | null = part; at !== null; at = at.parent) if (at.isOver) return true;
  return false;
}

/** The holes that wait for promises, in the order of the response. */
function openHoles(part: Hole | NullableGroup, unfinished: ReadonlySet<Hole>, found: Hole[] = []): readonly Hole[] {
  if (part.isOver || part.open === 0) return found;
  if (part instanceof Hole && !part.isFilled && !unfinished.has(part)) found.push(part);
  for (const spot of part.spots) openHoles(spot, unfinished, found);
  return found;
}
