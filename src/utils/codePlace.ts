/** A place in the program, or words for one. Written out only when a message needs it. */
export type CodePlace = string | { readonly stack?: string };

/** A function that runs now, or the class whose constructor does. */
type Callee = ((...args: never[]) => unknown) | (new (...args: never[]) => unknown);

/** Where the function `callee`, which runs now, was called. */
export function callerOf(callee: Callee): CodePlace {
  return stackOf(callee, 1);
}

/** All calls that lead to here, from those of `callee` on outwards. */
export function stackOf(callee: Callee = stackOf, limit: number = Number.POSITIVE_INFINITY): CodePlace {
  const place: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = limit;
  Error.captureStackTrace?.(place, callee);
  Error.stackTraceLimit = stackTraceLimit;
  return place;
}

/** A place as `file:line:column`. */
export function placeOf(place: CodePlace): string {
  return typeof place === 'string' ? place : (framesOf(place)[0] ?? 'an unknown place');
}

/** The calls of a stack as `file:line:column`, the innermost first. */
export function framesOf(place: CodePlace): string[] {
  const text = typeof place === 'string' ? place : (place.stack ?? '');
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line.startsWith('at '))
    .map((line) => line.replace(/^at (?:.*\((.*)\)|(?:async )?(.*))$/, '$1$2'));
}
