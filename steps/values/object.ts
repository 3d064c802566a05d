import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import { type ParamShapes, texts } from '../../src/step/paramShapes.ts';
import { FORWARDED, type ReadPath } from '../../src/step/reads.ts';
import { type MaxRows, Step } from '../../src/step/Step.ts';
import type { StepData } from '../StepData.ts';

/** Represents an object of the values of some steps. Yields a new object with their values in each row. */
export class ObjectStep<TData extends object = object> extends Step<TData> {
  static override readonly op = 'object';
  static override readonly paramShapes: ParamShapes = { names: texts };
  override readonly isSync = true;
  declare params: { readonly names: readonly string[] };

  constructor($entries: Readonly<Record<string, Step>>) {
    super();
    for (const $entry of Object.values($entries)) this.addDependency($entry, FORWARDED);
    this.params = { names: Object.keys($entries) };
  }

  get names(): readonly string[] {
    return this.params.names;
  }

  override noteRead([name, ...rest]: ReadPath): void {
    if (typeof name === 'symbol') return;
    for (let index = 0; index < this.names.length; index++) {
      if (name === undefined) this.dependency(index).readFreely();
      else if (this.names[index] === name) this.dependency(index).noteRead(rest);
    }
  }

  /** The very step that was put in under this name. */
  get(name: string): Step {
    const index = this.names.indexOf(name);
    return index === -1 ? access(this, name) : this.dependency(index);
  }

  override get origin(): StepOrigin {
    return { kind: 'parts', names: this.names };
  }

  override get isPure(): boolean {
    return true;
  }

  override maxRows([name, ...rest]: ReadPath): MaxRows {
    const index = this.names.indexOf(String(name));
    return index === -1 ? null : this.dependency(index).maxRows(rest);
  }

  override execute(count: number, values: ReadonlyArray<readonly unknown[]>): ReadonlyArray<TData> {
    const { names } = this;
    const objects = new Array<TData>(count);
    for (let row = 0; row < count; row++) {
      const entries: Record<string, unknown> = {};
      let index = 0;
      for (const name of names) define(entries, name, values[index++]?.[row]);
      objects[row] = entries as TData;
    }
    return objects;
  }
}

/** Names are the author's, but `__proto__` must be a property like any other. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else target[name] = value;
}

/**
 * Represents an object whose properties are the values of `$entries`.
 *
 * ```ts
 * plans: { address: ($user) => object({ street: get($user, 'street'), city: get($user, 'city') }) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: inferred from the steps
export function object<const TSteps extends Readonly<Record<string, Step<any>>>>(
  $entries: TSteps,
): Step<{ -readonly [TName in keyof TSteps]: StepData<TSteps[TName]> }> {
  return new ObjectStep($entries) as never;
}
