import { errorOf } from '../../src/errors/errorOf.ts';
import { type EdgeWrite, writePentEdge } from '../../src/pent/writes/writeEdge.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { text } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { contextOf } from './contextOf.ts';

/** Represents a write of an entry of a plain edge. Yields the object that it leads from. */
export class WriteEdgeStep extends Step {
  static override readonly op = 'pent.writeEdge';
  static override readonly paramShapes: ParamShapes = {
    edge: text,
    inverse: { type: ['string', 'null'] },
    kind: { enum: ['add', 'remove'] },
    from: text,
    to: text,
  };

  declare params: EdgeWrite & Readonly<Record<string, unknown>>;

  constructor(write: EdgeWrite, { $from, $to, $data }: EdgeSteps) {
    super();
    for (const $step of [$from, $to, $data ?? constant(null)]) this.addDependency($step);
    this.params = { ...write };
    this.hasSideEffects = true;
  }

  override execute(
    count: number,
    [froms, tos, datas]: readonly [readonly string[], readonly string[], readonly unknown[]],
    extra: ExecuteExtra,
  ): StepResult<unknown> {
    const write = this.params;
    const context = contextOf(extra);
    const run = async (): Promise<readonly unknown[]> => {
      const results: unknown[] = [];
      for (let row = 0; row < count; row++) {
        const done = writePentEdge(context, write, itemAt(froms, row), itemAt(tos, row), datas[row]);
        results.push(await done.catch(errorOf));
      }
      return results;
    };
    return run();
  }
}

export interface EdgeSteps {
  readonly $from: Step;
  readonly $to: Step;
  /** The data of the entry. */
  readonly $data?: Step | undefined;
}

/** Represents a new entry of a plain edge, and of its inverse. Yields the object that it leads from. */
export function addingEdge(write: Omit<EdgeWrite, 'kind'>, steps: EdgeSteps): Step {
  return new WriteEdgeStep({ ...write, kind: 'add' }, steps);
}

/** Represents the removal of an entry. Yields the object that it led from. */
export function removingEdge(write: Omit<EdgeWrite, 'kind'>, steps: Omit<EdgeSteps, '$data'>): Step {
  return new WriteEdgeStep({ ...write, kind: 'remove' }, steps);
}
