/** The failure of everything that a snapshot of a run does not have yet. */
export const UNFINISHED: Error = new Error('This is still to come.');

let over: Error | null = null;

/**
 * Ends work that is under way when its response is complete: graphql-js aborts its signal with an error like this. Made when
 * first needed: not every runtime has `DOMException`.
 */
export function responseIsOver(): Error {
  const message = 'This operation was aborted';
  over ??=
    typeof DOMException === 'function'
      ? new DOMException(message, 'AbortError')
      : Object.assign(new Error(message), { name: 'AbortError' });
  return over;
}
