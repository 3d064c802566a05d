import { anything, checkOptions, type OptionTable } from '../../src/errors/checkOptions.ts';
import type { ReadParts } from '../../src/step/reads.ts';
import type { Step } from '../../src/step/Step.ts';
import { PassingStep } from '../PassingStep.ts';

/** Makes a step's effect depend on a condition in each row. */
export interface GateOptions {
  /** The step has its effect only in rows where this yields something true. */
  readonly if?: Step<unknown>;
}

const gateOptions: OptionTable<GateOptions> = { if: anything };

/** The condition of a gate; null: always. @throws OptionError */
export function conditionOf(gate: string, options: GateOptions): Step<unknown> | null {
  checkOptions(gate, options, gateOptions);
  return options.if ?? null;
}

/** The base of steps that pass values on, except in rows where they end early or fail. */
export abstract class GateStep<TData> extends PassingStep<TData> {
  override readonly isSync = true;

  /** @param parts - what `end` reads of the value. */
  constructor($value: Step, $condition: Step | null, parts: ReadParts) {
    super();
    this.takeValue($value, parts);
    if ($condition !== null) this.addDependency($condition);
  }

  /** Takes in the value. Rows in which it failed or ended early are left out, unless a class wants them. */
  protected takeValue($value: Step, parts: ReadParts): void {
    this.addDependency($value, parts);
  }

  /** The value that the row ends with, or undefined to pass the value on. */
  protected abstract end(value: unknown): unknown;

  override execute(
    count: number,
    [values, conditions]: readonly [readonly TData[], (readonly unknown[])?],
  ): ReadonlyArray<TData> {
    let ended: TData[] | null = null;
    for (let row = 0; row < count; row++) {
      if (conditions !== undefined && !conditions[row]) continue;
      const end = this.end(values[row]);
      if (end === undefined) continue;
      ended ??= [...values];
      ended[row] = end as TData;
    }
    return ended ?? values;
  }
}
