import type { ReactiveExtension } from '../../utils/reactiveExtension.ts';
import type { JsonObject } from './Selection.ts';

/** An error of a response, as GraphQL has it. */
export interface ResponseError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: JsonObject;
}

/** The answer of a server. */
export interface Answer<TData = JsonObject> {
  readonly data?: TData | null;
  readonly errors?: readonly ResponseError[];
  readonly extensions?: { readonly reactive?: ReactiveExtension };
}
