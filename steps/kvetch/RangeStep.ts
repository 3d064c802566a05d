import type { Range } from '../../src/kvetch/codec/orderKey.ts';
import { inheritedValue } from '../../src/kvetch/errors.ts';
import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { type ParamShapes, texts } from '../../src/step/paramShapes.ts';
import { Step } from '../../src/step/Step.ts';
import { inheritedName } from '../../src/utils/propertyBag.ts';

/** Bounds by attribute: steps, or values that the plan knows. */
export type RangeSteps = Readonly<Record<string, unknown>>;

/** Represents the bounds of a list's page. Yields them without those that are null. */
export class RangeStep extends Step<Range> {
  static override readonly op = 'kvetch.range';
  static override readonly paramShapes: ParamShapes = { names: texts, absent: texts };
  declare params: {
    readonly names: readonly string[];
    /** The attributes that the wanted objects lack. */
    readonly absent: readonly string[];
  } & Record<string, unknown>;
  override readonly isSync = true;

  constructor(bounds: RangeSteps) {
    super();
    const inherited = inheritedName(bounds);
    if (inherited !== null) throw inheritedValue('The "range"', inherited);
    const names: string[] = [];
    const absent: string[] = [];
    for (const [name, bound] of Object.entries(bounds)) {
      if (bound === undefined) continue;
      if (bound === null) absent.push(name);
      else {
        names.push(name);
        this.addDependency(bound instanceof Step ? bound : constant(bound));
      }
    }
    this.params = { names, absent };
  }

  /** Loads within bounds that are known early may start early. */
  override get isPure(): boolean {
    return true;
  }

  override get origin(): StepOrigin | null {
    return null;
  }

  override execute(count: number, values: ReadonlyArray<readonly unknown[]>): readonly Range[] {
    const { names, absent } = this.params;
    return Array.from({ length: count }, (_, row) => {
      const range = new Map<string, unknown>(absent.map((name) => [name, null]));
      for (const [at, name] of names.entries()) {
        const bound = values[at]?.[row];
        if (bound !== null && bound !== undefined) range.set(name, bound);
      }
      return Object.fromEntries(range);
    });
  }
}

/** A bound as a plan has it: a value, or a step that yields one, or null for none. */
type StepBound<TBound> = [Exclude<TBound, undefined>] extends [never]
  ? undefined
  : TBound | Step<Exclude<TBound, undefined> | null | undefined> | undefined;

/** The bounds of a list as a plan has them. */
export type RangeOfSteps<TRange> = TRange extends unknown
  ? { readonly [A in keyof TRange]: StepBound<TRange[A]> }
  : never;

export function rangeStep(bounds: RangeSteps | Step | undefined): Step | null {
  if (bounds instanceof Step) return bounds;
  if (bounds === undefined) return null;
  return Object.values(bounds).every((bound) => bound === undefined) && inheritedName(bounds) === null
    ? null
    : new RangeStep(bounds);
}
