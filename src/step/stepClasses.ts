import { PlanqlError } from '../errors/PlanqlError.ts';
import { callerOf } from '../utils/codePlace.ts';
import { Offers } from './references.ts';
import type { StepClass } from './Step.ts';

export const offeredClasses: Offers<StepClass> = new Offers();

/** The ops of planql's own steps. No other class may have them, whether an engine has met planql's own or not. */
const own = new Map<string, StepClass>();

/**
 * Makes step classes known by their `op`, so that engines of this process can import plans that hold it. Where several
 * classes have one op, each engine must be told which it means: `createEngine({ names })`.
 *
 * @throws PlanqlError for a class without `op`, and for one that has the op of a step of planql.
 */
export function registerSteps(...stepClasses: ReadonlyArray<StepClass>): void {
  const place = callerOf(registerSteps);
  for (const stepClass of stepClasses) {
    assertOp(stepClass, 'was given to registerSteps()');
    offeredClasses.add(stepClass.op, stepClass, place);
  }
}

/**
 * Registers planql's own steps: none of them writes to its params, or gives them to user code. The first of an op counts:
 * a file of the build that is loaded a second time registers again, and exports what the first one made (decision build-one-copy).
 */
export function registerOwnSteps(...stepClasses: ReadonlyArray<StepClass>): void {
  for (const stepClass of stepClasses) {
    if (own.has(stepClass.op)) continue;
    own.set(stepClass.op, stepClass);
    offeredClasses.add(stepClass.op, stepClass, 'planql');
  }
}

/** Whether the params of a class's steps have to be kept from being written to (rule R25). */
export function guardsParams(stepClass: StepClass): boolean {
  return own.get(stepClass.op) !== stepClass;
}

/** Refuses a step class whose op is not a valid name. `place` is a predicate: "was planned for ...". */
export function assertOp(stepClass: StepClass, place: string): void {
  const { op } = stepClass;
  if (typeof op !== 'string' || op === '') {
    throw new PlanqlError(
      'STEP_WITHOUT_OP',
      `${className(stepClass)} ${place} and has no name. Give it one: static override readonly op = 'app.${className(stepClass)}'.`,
    );
  }
  const reserved = own.get(op);
  if (reserved !== undefined && reserved !== stepClass) {
    throw new PlanqlError(
      'DUPLICATE_OP',
      `${className(stepClass)} ${place} and has planql's op "${op}". Give it one of its own.`,
    );
  }
}

export function className(stepClass: StepClass): string {
  return ('name' in stepClass && typeof stepClass.name === 'string' && stepClass.name) || 'A step class';
}
