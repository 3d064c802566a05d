import { errorOf } from '../../errors/errorOf.ts';

/** Something took longer than its timeout. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** A promise that is given up after some milliseconds. */
export function withDeadline<T>(promise: Promise<T>, milliseconds: number, what: string): Promise<T> {
  return answerWithin(milliseconds, what, (answer: Answer<T>) => {
    promise.then((value) => answer(null, value), answer);
  });
}

/**
 * A timer that is so many milliseconds late was held up by this program. Answers that came meanwhile have not been
 * looked at yet: as much time again is given for that.
 */
const LATE_MS = 20;

/** How drivers answer. */
export type Answer<T> = (error: unknown, value?: T) => void;

/**
 * The answer of `ask`, if it comes within some milliseconds; a later one goes to `onLate`. One promise and
 * one timer, whatever the driver would make of it.
 */
export function answerWithin<T>(
  milliseconds: number,
  what: string,
  ask: (answer: Answer<T>) => void,
  onLate: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const due = performance.now() + milliseconds;
    const expire = (): void => {
      isOver = true;
      reject(new TimeoutError(`${what} took longer than ${milliseconds} ms.`));
    };
    let timer = setTimeout(() => {
      const late = performance.now() - due;
      if (late < LATE_MS) expire();
      else timer = setTimeout(expire, late);
    }, milliseconds);
    const answer: Answer<T> = (error, value) => {
      clearTimeout(timer);
      if (error !== null && error !== undefined)
        reject(errorOf(error)); // without effect when the time was over
      else if (isOver) onLate(value as T);
      else resolve(value as T);
    };
    try {
      ask(answer);
    } catch (error) {
      answer(error);
    }
  });
}
