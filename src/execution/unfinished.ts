/** What fails so in a run that is looked at before its end is still to come. */
export const UNFINISHED: Error = new Error('This is still to come.');

/** What ends whatever is under way when its response is there: graphql-js aborts its signal with an error like this. */
export const OVER: Error = new DOMException('This operation was aborted', 'AbortError');
