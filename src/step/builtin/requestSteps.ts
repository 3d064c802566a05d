import type { ExecuteExtra } from '../ExecuteExtra.ts';
import type { ParamShapes } from '../paramShapes.ts';
import { Step } from '../Step.ts';

/** Represents the request's `rootValue`. Yields it; always global. */
export class RootValueStep<TData = unknown> extends Step<TData> {
  static override readonly op = 'rootValue';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor() {
    super();
    this.layer = this.graph.root;
  }

  override get isPure(): boolean {
    return true;
  }

  override get isGiven(): boolean {
    return true;
  }

  override execute(_count: number, _values: readonly [], extra: ExecuteExtra): ReadonlyArray<TData> {
    return [extra.rootValue as TData];
  }
}

/** Represents the request's `contextValue`. Yields it; always global. */
export class ContextStep<TData = unknown> extends Step<TData> {
  static override readonly op = 'context';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor() {
    super();
    this.layer = this.graph.root;
  }

  override get isPure(): boolean {
    return true;
  }

  override get isGiven(): boolean {
    return true;
  }

  override execute(_count: number, _values: readonly [], extra: ExecuteExtra): ReadonlyArray<TData> {
    return [extra.context as TData];
  }
}

// biome-ignore lint/suspicious/noExplicitAny: an application's context has the application's type
export function context<TContext = any>(): Step<TContext> {
  return new ContextStep<TContext>();
}

export function rootValue<TRoot = unknown>(): Step<TRoot> {
  return new RootValueStep<TRoot>();
}
