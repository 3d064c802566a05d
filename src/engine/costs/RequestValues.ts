import type { LinkedPlan } from '../../execution/link/LinkedPlan.ts';
import { evaluateGuard } from '../../execution/state/guards.ts';
import type { Request } from '../../execution/state/Request.ts';
import { ArgumentsStep } from '../../schema/steps/ArgumentsStep.ts';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import { Failure, isSignal } from '../../step/signals.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { nodeAt } from '../../utils/nodeAt.ts';

/** A value that is not known before the request runs. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** The values of a plan that depend on the request alone: conditions, arguments, windows of connections. Nothing is loaded. */
export class RequestValues {
  readonly #linked: LinkedPlan;
  readonly #request: Request;
  readonly #guards = new Map<number, boolean>();
  readonly #steps = new Map<number, unknown>();

  constructor(linked: LinkedPlan, request: Request) {
    this.#linked = linked;
    this.#request = request;
  }

  holds(guard: number): boolean {
    if (guard === 0) return true;
    return getOrCreate(this.#guards, guard, () =>
      evaluateGuard(this.#linked.plan.guards, guard, this.#request.conditions, (of) => this.holds(of)),
    );
  }

  /** The value of a step, `UNKNOWN`, or the signal of a step that fails or ends early. */
  step(id: number): unknown {
    return getOrCreate(this.#steps, id, () => this.#execute(id));
  }

  #execute(id: number): unknown {
    const { instance, singular, inputs } = nodeAt(this.#linked.steps, id);
    if (!singular || !instance.isPure || nodeAt(this.#linked.steps, id).isEntry) return UNKNOWN;
    const values: unknown[] = [];
    for (const { kind, step } of inputs) {
      const value = kind === 'collect' ? UNKNOWN : this.step(step);
      if (value === UNKNOWN || isSignal(value)) return value;
      values.push(kind === 'global' ? value : [value]);
    }
    try {
      return onlyEntry(instance.execute(1, values, new RequestExtra(this.#request)));
    } catch (error) {
      return new Failure(error);
    }
  }

  /** The value of an argument of a field of the document; a failure where graphql-js refuses it. */
  argument(coordinate: string, ordinal: number, name: string): unknown {
    const [parentType = '', fieldName = ''] = coordinate.split('.');
    try {
      const step = ArgumentsStep.fromParams({ parentType, fieldName, node: ordinal }, this.#linked.source.context);
      const values = onlyEntry(step.execute(1, [], new RequestExtra(this.#request)));
      return isRecord(values) && !isSignal(values) ? values[name] : values;
    } catch (error) {
      return new Failure(error);
    }
  }
}

function onlyEntry(results: unknown): unknown {
  const value: unknown = Array.isArray(results) ? results[0] : UNKNOWN;
  return isPromiseLike(value) ? UNKNOWN : value;
}

/** The context of steps that are asked before the request runs: they read variables, the context and the root value. */
class RequestExtra implements ExecuteExtra {
  readonly deadline = null;
  readonly isOver = false;
  readonly recordsDependencies = false;
  readonly isShared = false;
  readonly trace = (): void => {};
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  get context(): unknown {
    return this.#request.contextValue;
  }

  get rootValue(): unknown {
    return this.#request.rootValue;
  }

  get variableValues(): unknown {
    return this.#request.variableValues;
  }

  get signal(): AbortSignal {
    return new AbortController().signal;
  }

  recordDependency(): void {}

  recordDependencies(): void {}

  /** Lists may give their items once: those are left to the request. */
  itemsOf(): never {
    throw new Error('Lists are not read before the request runs.');
  }

  shared<T>(_key: unknown, create: () => T): T {
    return create();
  }
}
