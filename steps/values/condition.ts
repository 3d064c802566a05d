import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { ALL, NULLNESS } from '../../src/step/reads.ts';
import { Step } from '../../src/step/Step.ts';

// biome-ignore lint/suspicious/noExplicitAny: values of any types are compared, as JavaScript compares them
const operators: Readonly<Record<UnaryOperator | BinaryOperator, (a: any, b: any) => boolean>> = {
  null: (a) => a === null || a === undefined,
  'not null': (a) => a !== null && a !== undefined,
  exists: (a) => a !== null && a !== undefined,
  'not exists': (a) => a === null || a === undefined,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

export type UnaryOperator = 'null' | 'not null' | 'exists' | 'not exists';
export type BinaryOperator = '===' | '!==' | '<' | '<=' | '>' | '>=';

/** Represents whether something holds of one or two values. Yields `true` or `false`. */
export class ConditionStep extends Step<boolean> {
  static override readonly op = 'condition';
  static override readonly paramShapes: ParamShapes = { operator: { enum: Object.keys(operators) } };
  override readonly isSync = true;
  declare params: { readonly operator: UnaryOperator | BinaryOperator };

  constructor(operator: UnaryOperator | BinaryOperator, $a: Step, $b?: Step) {
    super();
    if (!Object.hasOwn(operators, operator)) {
      const known = Object.keys(operators).join('", "');
      throw new PlanqlError('UNKNOWN_OPERATOR', `condition() knows no operator "${operator}". It knows "${known}".`);
    }
    const isBinary = operators[operator].length === 2;
    this.addDependency($a, isBinary ? ALL : NULLNESS);
    if (isBinary) this.addDependency($b as Step);
    this.params = { operator };
  }

  override execute(
    count: number,
    [a, b]: readonly [readonly unknown[], (readonly unknown[])?],
  ): ReadonlyArray<boolean> {
    const holds = operators[this.params.operator];
    const results = new Array<boolean>(count);
    for (let row = 0; row < count; row++) results[row] = holds(a[row], b?.[row]);
    return results;
  }
}

/**
 * Represents whether `$a` is null, or the result of comparing it to `$b`.
 *
 * ```ts
 * inhibitIf($user, condition('!==', get($user, 'tenant'), get(context(), 'tenant')))
 * ```
 */
export function condition(operator: UnaryOperator, $a: Step<unknown>): Step<boolean>;
export function condition(operator: BinaryOperator, $a: Step<unknown>, $b: Step<unknown>): Step<boolean>;
export function condition(
  operator: UnaryOperator | BinaryOperator,
  $a: Step<unknown>,
  $b?: Step<unknown>,
): Step<boolean> {
  return new ConditionStep(operator, $a, $b);
}
