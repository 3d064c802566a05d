/** Runs a task in the next turn of the event loop: at once when the requests that wait are done. */
export function nextTurn<TArguments extends unknown[]>(
  task: (...given: TArguments) => void,
  ...given: TArguments
): void {
  if (typeof setImmediate === 'function') setImmediate(task, ...given);
  else setTimeout(task, 0, ...given);
}
