import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED, NULLNESS, type ReadPath } from '../../src/step/reads.ts';
import { type Entry, type MaxRows, Step } from '../../src/step/Step.ts';
import { Exit, isSignal } from '../../src/step/signals.ts';

/** Represents the first of several values that is there. An early exit counts as null; a failure that is met fails the row. */
export class CoalesceStep<TData = unknown> extends Step<TData> {
  static override readonly op = 'coalesce';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($sources: ReadonlyArray<Step>) {
    super();
    const last = $sources.length - 1;
    // The last one is the answer in any case.
    $sources.forEach(($source, index) => {
      this.addTrappedDependency($source, index === last ? FORWARDED : NULLNESS);
    });
  }

  override noteRead(path: ReadPath): void {
    for (let index = 0; index < this.dependencies.length; index++) this.dependency(index).noteRead(path);
  }

  override maxRows(path: ReadPath): MaxRows {
    return { kind: 'largest', of: this.dependencies.map((_, index) => this.dependency(index).maxRows(path)) };
  }

  override execute(count: number, values: ReadonlyArray<readonly unknown[]>): ReadonlyArray<Entry<TData>> {
    const results = new Array<Entry<TData>>(count);
    for (let row = 0; row < count; row++) results[row] = firstPresent(values, row) as Entry<TData>;
    return results;
  }
}

function firstPresent(values: ReadonlyArray<readonly unknown[]>, row: number): unknown {
  for (const column of values) {
    const value = column[row];
    if (value === null || value === undefined) continue;
    if (!isSignal(value)) return value;
    if (!(value instanceof Exit)) return value;
    if (value.value !== null && value.value !== undefined) return value.value;
  }
  return null;
}

/**
 * Represents the first of `$sources` that is not null; null where none is.
 *
 * ```ts
 * plans: { title: ($film) => coalesce(get($film, 'usTitle'), get($film, 'originalTitle')) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: inferred from the steps
export function coalesce<const TSteps extends readonly Step<any>[]>(
  ...$sources: TSteps
): Step<(TSteps[number] extends Step<infer TData> ? NonNullable<TData> : never) | null> {
  return $sources.length === 0 ? constant(null) : new CoalesceStep($sources);
}
