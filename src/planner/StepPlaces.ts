import type { StepNode } from '../plan/Plan.ts';
import type { Step } from '../step/Step.ts';
import type { StepGraph } from '../step/StepGraph.ts';
import { type CodePlace, framesOf, stackOf } from '../utils/codePlace.ts';
import { getOrCreate } from '../utils/getOrCreate.ts';
import { itemAt } from '../utils/itemAt.ts';

/** planql's own folder: "…/planql/", whether it runs from sources or as the package. */
const own = framesOf(stackOf()).map((frame) => /^.*[\\/](?=(?:src|steps|dist)[\\/])/.exec(frame)?.[0])[0];

/**
 * The lines of the user's code that made the steps of a plan. Each step costs a stack, so only explain asks. Made where
 * planning begins: callers of that are not asked.
 */
export class StepPlaces {
  readonly #callers = framesOf(stackOf(StepPlaces)).length - 1;
  readonly #made: (readonly [step: Step, place: CodePlace])[] = [];
  readonly #places = new Map<string, string>();

  /** Called for each new step while it is made. */
  readonly note = (step: Step): void => {
    this.#made.push([step, stackOf(this.note)]);
  };

  /** Called when steps were written into the plan, each at its number. */
  noteWritten(graph: StepGraph, written: readonly Step[], nodes: readonly StepNode[]): void {
    const places = new Map<Step, string>();
    for (const [step, place] of this.#made) {
      const line = this.#userLine(place);
      // Of steps that were merged the first counts.
      if (line !== null) getOrCreate(places, graph.resolve(step), () => line);
    }
    for (const [id, step] of written.entries()) {
      const place = places.get(step);
      if (place !== undefined) getOrCreate(this.#places, keyOf(itemAt(nodes, id)), () => place);
    }
  }

  /** The place as `file:line:column`; null where planql itself made the step. */
  of(step: StepNode): string | null {
    return this.#places.get(keyOf(step)) ?? null;
  }

  /** The innermost line that is not planql's. */
  #userLine(place: CodePlace): string | null {
    const frames = framesOf(place);
    const planning = frames.slice(0, frames.length - this.#callers);
    return planning.find((frame) => !isOwn(frame)) ?? null;
  }
}

function isOwn(frame: string): boolean {
  if (frame === '<anonymous>' || frame.startsWith('node:') || own === undefined) return true;
  return frame.startsWith(own) && /^(?:src|steps|dist)[\\/]/.test(frame.slice(own.length));
}

/** Two plans of an operation may number their steps differently: branches are planned in the order of the types met. */
function keyOf({ coordinate, op, params }: StepNode): string {
  return JSON.stringify([coordinate, op, params]);
}
