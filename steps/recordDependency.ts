import { manualKey } from '../src/step/dependencyKey.ts';
import type { ExecuteExtra } from '../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../src/step/paramShapes.ts';
import { FORWARDED } from '../src/step/reads.ts';
import type { Entry, Step } from '../src/step/Step.ts';
import { fail } from '../src/step/signals.ts';
import { watchNested } from '../src/utils/watchPromise.ts';
import { PassingStep } from './PassingStep.ts';

/** Represents another step's value, and records that the response depends on a key. Yields the value. */
export class RecordDependencyStep<TData = unknown> extends PassingStep<TData> {
  static override readonly op = 'recordDependency';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($value: Step<TData>, $key: Step<DependencyKeys>) {
    super();
    this.addDependency($value, FORWARDED);
    this.addDependency($key);
  }

  override execute(
    count: number,
    [values, keys]: readonly [readonly TData[], readonly DependencyKeys[]],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<TData>> {
    let failures: Entry<TData>[] | null = null;
    for (let row = 0; row < count; row++) {
      const key = keys[row];
      if (key === null || key === undefined) continue;
      try {
        if (typeof key === 'string') extra.recordDependency(manualKey(key), row);
        else {
          for (const one of key) {
            watchNested(one); // an iterable may give anything
            extra.recordDependency(manualKey(one), row);
          }
        }
      } catch (error) {
        failures ??= [...values];
        failures[row] = fail(error);
      }
    }
    return failures ?? values;
  }
}

export type DependencyKeys = string | readonly string[] | null | undefined;

/**
 * Represents `$value`, and records in each row that the response depends on `$key` (one text, several, or none):
 * the dependency key of a text is `manualKey(text)`, which is never one of Kvetch's.
 * Recorded where the value is used: put it around the result of the field.
 *
 * ```ts
 * plans: { user: (_$root, { $id }) => recordDependency(loadOne($id, userById), lambda($id, userKey)) }
 * ```
 */
export function recordDependency<TData>($value: Step<TData>, $key: Step<DependencyKeys>): Step<TData> {
  return new RecordDependencyStep($value, $key);
}
