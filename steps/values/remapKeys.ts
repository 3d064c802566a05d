import { access, readKey } from '../../src/step/builtin/AccessStep.ts';
import { get } from '../../src/step/get.ts';
import { type ParamShapes, texts } from '../../src/step/paramShapes.ts';
import { FORWARDED, type ReadPath } from '../../src/step/reads.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import { fail } from '../../src/step/signals.ts';
import { watchNested } from '../../src/utils/watchPromise.ts';

/** Represents another step's objects under other names. Yields new objects; null where there is none. */
export class RemapKeysStep extends Step<Record<string, unknown> | null> {
  static override readonly op = 'remapKeys';
  static override readonly paramShapes: ParamShapes = {
    names: { type: 'array', items: { ...texts, minItems: 2, maxItems: 2 } },
  };
  override readonly isSync = true;
  declare params: { readonly names: ReadonlyArray<readonly [to: string, from: string]> };

  constructor($source: Step, names: Readonly<Record<string, string>>) {
    super();
    this.addDependency($source, FORWARDED);
    this.params = { names: Object.entries(names) };
  }

  get names(): ReadonlyArray<readonly [to: string, from: string]> {
    return this.params.names;
  }

  override noteRead([name, ...rest]: ReadPath): void {
    if (typeof name === 'symbol') return this.dependency(0).noteRead([name, ...rest]);
    for (const [to, from] of this.names) {
      if (name === undefined || to === name) this.dependency(0).noteRead([from, ...rest]);
    }
  }

  /** Asked for by its new name, an attribute is read under its old one: the new object is not needed for it. */
  get(name: string): Step {
    const entry = this.names.find(([to]) => to === name);
    return entry === undefined ? access(this, name) : get(this.dependency(0), entry[1]);
  }

  override execute(
    count: number,
    [values]: readonly [readonly unknown[]],
  ): ReadonlyArray<Entry<Record<string, unknown> | null>> {
    const { names } = this;
    const results = new Array<Entry<Record<string, unknown> | null>>(count);
    for (let row = 0; row < count; row++) {
      try {
        results[row] = renamed(values[row], names);
      } catch (error) {
        results[row] = fail(error); // a getter threw
      }
    }
    return results;
  }
}

function renamed(value: unknown, names: RemapKeysStep['names']): Record<string, unknown> | null {
  if (value === null || value === undefined) return null;
  const entries = names.map(([to, from]) => {
    const found = readKey(value, from);
    watchNested(found); // not all of them are read, and the next getter may throw
    return [to, found] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * Represents the values of `$source` with other property names: `{ new: 'old' }`.
 *
 * ```ts
 * plans: { author: ($post) => remapKeys($post, { id: 'author_id', name: 'author_name' }) }
 * ```
 */
export function remapKeys<TData, TNames extends Readonly<Record<string, keyof NonNullable<TData> & string>>>(
  $source: Step<TData>,
  names: TNames,
): Step<{ [TName in keyof TNames]: NonNullable<TData>[TNames[TName]] } | Extract<TData, null>> {
  return new RemapKeysStep($source, names) as never;
}
