import type { ReactiveExtension } from '../../utils/reactiveExtension.ts';
import type { JsonObject } from './Selection.ts';

/** An error of a response, as GraphQL has it. */
export interface ResponseError {
  /** The message for people. */
  readonly message: string;
  /** The field that failed: response keys, and places in lists from 0. */
  readonly path?: readonly (string | number)[];
  /** Facts for programs: `code`, say. */
  readonly extensions?: JsonObject;
}

/** The answer of a server. */
export interface Answer<TData = JsonObject> {
  /** As in any response of GraphQL. */
  readonly data?: TData | null;
  /** As in any response of GraphQL. */
  readonly errors?: readonly ResponseError[];
  /** `reactive` names the dependencies of `data`. Spec 11.5. */
  readonly extensions?: { readonly reactive?: ReactiveExtension };
}
