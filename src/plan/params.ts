import type { Json } from './Plan.ts';

/** A function or loader among a step's params: its name, or null for a closure, and its slot where the plan was made. */
export interface ParamReference {
  readonly $ref: string | null;
  readonly local: number;
}

/** JSON that would read as a reference otherwise: `$json` holds it as it is. */
interface QuotedParam {
  readonly $json: Json;
}

export function isReference(param: unknown): param is ParamReference {
  return typeof param === 'object' && param !== null && '$ref' in param;
}

function isQuoted(param: unknown): param is QuotedParam {
  return typeof param === 'object' && param !== null && '$json' in param;
}

/** A value as a plan holds it among params. */
export function quoteParam(value: Json): Json {
  return isReference(value) || isQuoted(value) ? { $json: value } : value;
}

/** The value that a param that is no reference stands for. */
export function unquoteParam(param: Json): Json {
  return isQuoted(param) ? param.$json : param;
}
