/** A place in the program, or words for one. Written out only when a message needs it. */
export type CodePlace = string | { readonly stack?: string };

/** Where the function `callee`, which runs now, was called. */
export function callerOf(callee: (...args: never[]) => unknown): CodePlace {
  const place: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace?.(place, callee);
  Error.stackTraceLimit = stackTraceLimit;
  return place;
}

/** A place as `file:line:column`. */
export function placeOf(place: CodePlace): string {
  if (typeof place === 'string') return place;
  const line = place.stack?.split('\n').find((text) => text.trimStart().startsWith('at '));
  return line === undefined ? 'an unknown place' : line.trim().replace(/^at (?:.*\((.*)\)|(.*))$/, '$1$2');
}
