/** Ctrl-C, a supervisor, and a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs something long, which the first of these signals asks to end where it is good; a second one ends the process. */
export async function untilStopped<T>(run: (signal: AbortSignal) => Promise<T>, onStop = (): void => {}): Promise<T> {
  const stopping = new AbortController();
  const rest = (): void => {
    for (const name of SIGNALS) process.off(name, stop);
  };
  const stop = (): void => {
    rest();
    onStop();
    stopping.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  return run(stopping.signal).finally(rest);
}
