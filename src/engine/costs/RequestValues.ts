import type { LinkedPlan } from '../../execution/link/LinkedPlan.ts';
import { evaluateGuard } from '../../execution/state/guards.ts';
import type { Request } from '../../execution/state/Request.ts';
import type { RowsNode } from '../../plan/Plan.ts';
import { ArgumentsStep } from '../../schema/steps/ArgumentsStep.ts';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import { Failure, isSignal } from '../../step/signals.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { nodeAt } from '../../utils/nodeAt.ts';

/** A value that is not known before the request runs. */
const UNKNOWN: unique symbol = Symbol('unknown');

export const NO_BOUND: number = Number.POSITIVE_INFINITY;

/** Sizes that depend on the request. */
type RequestRows = Extract<RowsNode, { readonly kind: 'value' | 'length' | 'argument' }>;

/** The conditions and sizes that a request was asked for: by guard whether it holds, and how many rows there are. */
export interface RequestAnswers {
  readonly guards: Map<number, boolean>;
  readonly sizes: Map<RequestRows, number>;
}

/** The values of a plan that depend on the request alone: conditions, arguments, windows of connections. Nothing is loaded. */
export class RequestValues {
  readonly #linked: LinkedPlan;
  readonly #request: Request;
  readonly answers: RequestAnswers = { guards: new Map(), sizes: new Map() };
  readonly #steps = new Map<number, unknown>();

  constructor(linked: LinkedPlan, request: Request) {
    this.#linked = linked;
    this.#request = request;
  }

  holds(guard: number): boolean {
    if (guard === 0) return true;
    return getOrCreate(this.answers.guards, guard, () =>
      evaluateGuard(this.#linked.plan.guards, guard, this.#request.conditions, (of) => this.holds(of)),
    );
  }

  /** How many rows or items there are at most. */
  size(rows: RequestRows): number {
    return getOrCreate(this.answers.sizes, rows, () =>
      rows.kind === 'argument'
        ? sizeAt(this.#argument(rows.coordinate, rows.node, rows.argument), [], 'value')
        : sizeAt(this.#step(rows.step), rows.path, rows.kind),
    );
  }

  /** Whether this request has the conditions and sizes that another one had. */
  equal({ guards, sizes }: RequestAnswers): boolean {
    for (const [guard, holds] of guards) if (this.holds(guard) !== holds) return false;
    for (const [rows, size] of sizes) if (this.size(rows) !== size) return false;
    return true;
  }

  /** The value of a step, `UNKNOWN`, or the signal of a step that fails or ends early. */
  #step(id: number): unknown {
    return getOrCreate(this.#steps, id, () => this.#execute(id));
  }

  #execute(id: number): unknown {
    const { instance, singular, inputs } = nodeAt(this.#linked.steps, id);
    if (!singular || !instance.isPure || nodeAt(this.#linked.steps, id).isEntry) return UNKNOWN;
    const values: unknown[] = [];
    for (const { kind, step } of inputs) {
      const value = kind === 'collect' ? UNKNOWN : this.#step(step);
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
  #argument(coordinate: string, ordinal: number, name: string): unknown {
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

/** The number of items that a value stands for: a field that fails has none; an absent value says nothing. */
function sizeAt(given: unknown, path: readonly (string | number)[], kind: 'value' | 'length'): number {
  if (given === UNKNOWN) return NO_BOUND;
  let value = given;
  for (const key of path) {
    if (isSignal(value)) return 0;
    if (value === null || value === undefined) break;
    value = Reflect.get(Object(value), key);
  }
  if (isSignal(value) || value instanceof Error) return 0;
  if (Array.isArray(value)) return value.length;
  if (value === null || value === undefined) return kind === 'length' ? 0 : NO_BOUND;
  return kind === 'value' && typeof value === 'number' && !Number.isNaN(value) ? Math.max(0, value) : NO_BOUND;
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

  onAbort(): () => void {
    return () => {};
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
