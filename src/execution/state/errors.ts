/** The failure of everything that a snapshot of a run does not have yet. */
export const UNFINISHED: Error = new Error('This is still to come.');

/** Ends work that is under way when its response is complete: graphql-js aborts its signal with an error like this. */
export const OVER: Error = new DOMException('This operation was aborted', 'AbortError');
