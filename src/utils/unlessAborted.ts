/** The result of some work, or the reason of the first signal that is aborted before it is there. */
export function unlessAborted<T>(work: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
  if (signals.length === 0) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      leave();
      reject(signals.find(({ aborted }) => aborted)?.reason);
    };
    const leave = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
    };
    work.finally(leave).then(resolve, reject);
    for (const signal of signals) signal.addEventListener('abort', onAbort);
    if (signals.some(({ aborted }) => aborted)) onAbort();
  });
}
