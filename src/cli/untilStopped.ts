/** Ctrl-C, a supervisor, and a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs something long, which the first of these signals asks to end where it is good; a second one ends the process.
 * An output that nobody takes asks for it, too, and never ends the process: Ctrl-C has ended `tee` as well.
 */
export async function untilStopped<T>(run: (signal: AbortSignal) => Promise<T>, onStop = (): void => {}): Promise<T> {
  const stopping = new AbortController();
  const rest = (): void => {
    for (const name of SIGNALS) process.off(name, stop);
  };
  const stop = (): void => {
    rest();
    if (stopping.signal.aborted) return;
    stopping.abort();
    onStop();
  };
  for (const name of SIGNALS) process.on(name, stop);
  process.stdout.on('error', stop);
  return run(stopping.signal).finally(() => {
    rest();
    process.stdout.off('error', stop);
  });
}
