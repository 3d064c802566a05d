import { SafeError } from '../../errors/SafeError.ts';
import { AccessStep, access } from '../../step/builtin/AccessStep.ts';
import { isGettable } from '../../step/get.ts';
import type { ParamShapes } from '../../step/paramShapes.ts';
import { PRESENCE, type ReadPath } from '../../step/reads.ts';
import { type AnyValues, type Entry, Step } from '../../step/Step.ts';
import { exit, Failure, fail, isSignal } from '../../step/signals.ts';
import { itemAt } from '../../utils/itemAt.ts';

/** The value in place of a hidden object: null, an error, or in lists nothing at all. */
export type Hidden = 'null' | 'leaveOut' | Error;

/** Yields its first dependency's values, some of them left out: attributes are read as they are read of these. */
abstract class PassingStep extends Step<unknown, AnyValues> {
  override readonly isSync = true;

  protected override get forwardsReads(): boolean {
    return true;
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead(path);
  }

  override authorizedAs(path: ReadPath): ReadonlySet<string> | null {
    return this.dependency(0).authorizedAs(path);
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
    this.addDependency($value);
    this.dependency(0).noteRead([PRESENCE]);
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
    this.addDependency($value);
    this.addDependency($typename);
    this.params = { type };
  }

  override execute(_count: number, [values, names]: readonly [readonly unknown[], readonly unknown[]]): unknown[] {
    return values.map((value, row) => (names[row] === this.params.type ? value : exit));
  }
}

/** Represents whether values of several types are visible, each by its own type. Values of other types are visible. */
export class VisibleStep extends Step<boolean> {
  static override readonly op = 'visible';
  static override readonly paramShapes: ParamShapes = { types: { type: 'array', items: { type: 'string' } } };
  override readonly isSync = true;
  declare params: { readonly types: readonly string[] };

  constructor($typename: Step, visible: ReadonlyMap<string, Step>) {
    super();
    this.addDependency($typename);
    for (const $visible of visible.values()) this.addTrappedDependency($visible);
    this.params = { types: [...visible.keys()] };
  }

  override execute(
    _count: number,
    [names, ...answers]: readonly [readonly unknown[], ...(readonly unknown[])[]],
  ): ReadonlyArray<Entry<boolean>> {
    const types: readonly unknown[] = this.params.types;
    return names.map((name, row): Entry<boolean> => {
      const at = types.indexOf(name);
      return at === -1 ? true : asAnswer(answers[at]?.[row]);
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
    this.addDependency($value);
    this.addTrappedDependency($visible);
    this.params = { error: hidden instanceof Error ? errorParams(hidden) : null };
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
    this.addDependency($list);
    this.addCollectedDependency($item, layer);
    this.addCollectedDependency($visible, layer);
    this.graph.resolve($visible).readFreely();
  }

  protected override get forwardsReads(): boolean {
    return true;
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead(path);
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
    return answer ? [item] : [];
  });
}

/** The answer of `authorize`: true only where it is truthy; a failure stays one. */
function asAnswer(answer: unknown): boolean | Failure {
  if (answer instanceof Failure) return answer;
  return !isSignal(answer) && Boolean(answer);
}

interface ErrorParams {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

function errorParams(error: Error): ErrorParams {
  return { message: error.message, extensions: error instanceof SafeError ? error.extensions : {} };
}
