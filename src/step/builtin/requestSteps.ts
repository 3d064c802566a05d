import type { ExecuteExtra } from '../ExecuteExtra.ts';
import type { ParamShapes } from '../paramShapes.ts';
import type { ReadPath } from '../reads.ts';
import { lengthAt } from '../rowsAt.ts';
import { type MaxRows, Step } from '../Step.ts';

/** Yields a value of the request as it is; always global. */
abstract class RequestStep<TData> extends Step<TData> {
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor() {
    super();
    this.layer = this.graph.root;
  }

  override get isPure(): boolean {
    return true;
  }

  override maxRows(path: ReadPath): MaxRows {
    return lengthAt(this, path);
  }

  override get isGiven(): boolean {
    return true;
  }
}

/** Represents the request's `rootValue`. */
export class RootValueStep<TData = unknown> extends RequestStep<TData> {
  static override readonly op = 'rootValue';

  override execute(_count: number, _values: readonly [], extra: ExecuteExtra): ReadonlyArray<TData> {
    return [extra.rootValue as TData];
  }
}

/** Represents the request's `contextValue`. */
export class ContextStep<TData = unknown> extends RequestStep<TData> {
  static override readonly op = 'context';

  override execute(_count: number, _values: readonly [], extra: ExecuteExtra): ReadonlyArray<TData> {
    return [extra.context as TData];
  }
}

/** Represents the request's `contextValue`, which is one value for all rows. */
// biome-ignore lint/suspicious/noExplicitAny: an application's context has the application's type
export function context<TContext = any>(): Step<TContext> {
  return new ContextStep<TContext>();
}

/** Represents the request's `rootValue`, which is one value for all rows. */
export function rootValue<TRoot = unknown>(): Step<TRoot> {
  return new RootValueStep<TRoot>();
}
