import { SafeError } from '../../errors/SafeError.ts';
import { AccessStep, access } from '../../step/builtin/AccessStep.ts';
import { isGettable } from '../../step/get.ts';
import type { ParamShapes } from '../../step/paramShapes.ts';
import { FORWARDED, NULLNESS, PLACE, type ReadPath } from '../../step/reads.ts';
import { Shown } from '../../step/Shown.ts';
import { type AnyValues, type Entry, type MaxRows, Step } from '../../step/Step.ts';
import { Exit, exit, Failure, fail, isSignal } from '../../step/signals.ts';
import { itemAt } from '../../utils/itemAt.ts';

/** The value in place of a hidden object: null, an error, or in lists nothing at all. */
export type Hidden = 'null' | 'leaveOut' | Error;

/** Yields its first dependency's values, some of them left out: attributes are read as they are read of these. */
abstract class PassingStep extends Step<unknown, AnyValues> {
  override readonly isSync = true;

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead(path);
  }

  override authorizedAs(path: ReadPath): ReadonlySet<string> | null {
    return this.dependency(0).authorizedAs(path);
  }

  override maxRows(path: ReadPath): MaxRows {
    return this.dependency(0).maxRows(path);
  }

  get(name: string): Step {
    const $source = this.dependency(0);
    if (!isGettable($source)) return access(this, name);
    const $own = $source.get(name);
    if (!($own instanceof AccessStep) || $own.dependency(0) !== $source) return $own;
    return access(this, ...$own.path);
  }
}

/** Represents values that are there. Yields them; rows with null end early: nobody has to decide on them. */
export class PresentStep extends PassingStep {
  static override readonly op = 'present';
  static override readonly paramShapes: ParamShapes = {};

  constructor($value: Step) {
    super();
    this.addDependency($value, NULLNESS);
  }

  override get passesValues(): boolean {
    return true;
  }

  override execute(_count: number, [values]: readonly [readonly unknown[]]): readonly unknown[] {
    return values.includes(null) || values.includes(undefined) ? values.map((value) => value ?? exit) : values;
  }
}

/** Represents values of one type of an abstract position. Yields them; rows with other types end early. */
export class OfTypeStep extends PassingStep {
  static override readonly op = 'ofType';
  static override readonly paramShapes: ParamShapes = { type: { type: 'string' } };

  constructor($value: Step, $typename: Step, type: string) {
    super();
    this.addDependency($value, FORWARDED);
    this.addDependency($typename);
    this.params = { type };
  }

  override get passesValues(): boolean {
    return true;
  }

  override execute(_count: number, [values, names]: readonly [readonly unknown[], readonly unknown[]]): unknown[] {
    return values.map((value, row) => (names[row] === this.params.type ? value : exit));
  }
}

/** The object that a value of an abstract position is as one of its types, and whether it is visible. */
export interface TypedVisibility {
  readonly $object: Step;
  readonly $visible: Step;
}

/**
 * Represents whether values of several types are visible, each by its own type. Values of other types are visible, and so
 * is an object that is not there, or has no specifier: null is no secret.
 */
export class VisibleStep extends Step<boolean | Shown> {
  static override readonly op = 'visible';
  static override readonly paramShapes: ParamShapes = { types: { type: 'array', items: { type: 'string' } } };
  static override readonly version = 3;
  override readonly isSync = true;
  declare params: { readonly types: readonly string[] };

  constructor($typename: Step, types: ReadonlyMap<string, TypedVisibility>) {
    super();
    this.addTrappedDependency($typename);
    for (const { $object, $visible } of types.values()) {
      this.addTrappedDependency($visible);
      this.addTrappedDependency($object, NULLNESS);
    }
    this.params = { types: [...types.keys()] };
  }

  override execute(
    _count: number,
    [names, ...columns]: readonly [readonly unknown[], ...(readonly unknown[])[]],
  ): ReadonlyArray<Entry<boolean | Shown>> {
    const types: readonly unknown[] = this.params.types;
    return names.map((name, row): Entry<boolean | Shown> => {
      if (name instanceof Failure) return name;
      const at = 2 * types.indexOf(name);
      if (at < 0) return true;
      const object = columns[at + 1]?.[row];
      // An object that failed is its error, as an item of a list of its type is.
      if (object instanceof Failure) return object;
      return object === null || object === undefined || object instanceof Exit || asAnswer(columns[at]?.[row]);
    });
  }
}

/** Yields the values that may be seen; null or an error where others are. */
export class AuthorizeStep extends PassingStep {
  static override readonly op = 'authorize';
  static override readonly paramShapes: ParamShapes = {
    error: { type: ['null', 'object'] },
  };

  declare params: { readonly error: ErrorParams | null };

  constructor($value: Step, $visible: Step, hidden: Hidden) {
    super();
    this.addDependency($value, FORWARDED);
    this.addTrappedDependency($visible);
    this.params = { error: hidden instanceof Error ? errorParams(hidden) : null };
  }

  override get passesValues(): boolean {
    return true;
  }

  override execute(
    _count: number,
    [values, visible]: readonly [readonly unknown[], readonly unknown[]],
  ): ReadonlyArray<Entry<unknown>> {
    if (visible.every((answer) => answer === true)) return values;
    const { error } = this.params;
    return values.map((value, row) => {
      if (value === null || value === undefined) return null;
      const answer = asAnswer(visible[row]);
      if (answer instanceof Failure) return answer;
      if (answer instanceof Shown) return answer.value;
      if (answer) return value;
      return error === null ? null : fail(new SafeError(error.message, error.extensions));
    });
  }
}

/** Represents lists without the items that may not be seen. An item on which nobody could decide is an error. */
export class LeaveOutStep extends Step<readonly unknown[]> {
  static override readonly op = 'leaveOut';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($list: Step, $item: Step, $visible: Step, layer: Step['layer']) {
    super();
    this.addDependency($list, PLACE);
    this.addCollectedDependency($item, layer, FORWARDED);
    this.addCollectedDependency($visible, layer);
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead(path);
  }

  override maxRows(path: ReadPath): MaxRows {
    return this.dependency(0).maxRows(path);
  }

  override execute(
    _count: number,
    [lists, items, visible]: readonly [
      readonly unknown[],
      ReadonlyArray<readonly unknown[] | Failure>,
      ReadonlyArray<readonly unknown[]>,
    ],
  ): ReadonlyArray<Entry<readonly unknown[]>> {
    return lists.map((list, row): Entry<readonly unknown[]> => {
      const own = itemAt(items, row);
      // Reading the list reports a value that is no list.
      if (typeof list !== 'object' || list === null || own instanceof Failure) return list as null;
      return left(own, itemAt(visible, row));
    });
  }
}

function left(items: readonly unknown[], visible: readonly unknown[]): readonly unknown[] {
  if (visible.every((answer) => answer === true)) return items;
  return items.flatMap((item, at) => {
    if (item === null || item === undefined || isSignal(item)) return [item];
    const answer = asAnswer(visible[at]);
    if (answer instanceof Failure) return [answer];
    if (answer instanceof Shown) return [answer.value];
    return answer ? [item] : [];
  });
}

/** The answer of `authorize`: true only where it is truthy; a failure stays one. */
function asAnswer(answer: unknown): boolean | Shown | Failure {
  if (answer instanceof Failure || answer instanceof Shown) return answer;
  return !isSignal(answer) && Boolean(answer);
}

interface ErrorParams {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

function errorParams(error: Error): ErrorParams {
  return { message: error.message, extensions: error instanceof SafeError ? error.extensions : {} };
}
