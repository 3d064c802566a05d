/** Something took longer than its timeout. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** A promise that is given up after some milliseconds; what arrives later goes to `onLate`. */
export function withDeadline<T>(
  promise: Promise<T>,
  milliseconds: number,
  what: string,
  onLate: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      reject(new TimeoutError(`${what} took longer than ${milliseconds} ms.`));
    }, milliseconds);
    promise.then(
      (value) => {
        clearTimeout(timer);
        if (isOver) onLate(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error as Error); // without effect when the time was over
      },
    );
  });
}
