/** Tells of an error that no caller may hear of: as a warning of the process, or on the console where there is no process. */
export function emitWarning(error: Error): void {
  if (typeof process === 'object' && typeof process.emitWarning === 'function') process.emitWarning(error);
  else console.warn(error);
}
