import { closableGenerator } from '../../utils/closableGenerator.ts';

/** How often it is looked whether a client that does not read has read. */
const LOOK_MS = 50;

/** The same results; each is asked for when the client has taken those before. */
export function paced<T>(source: AsyncIterable<T>, hasTaken: () => boolean): AsyncGenerator<T, void, void> {
  const results = source[Symbol.asyncIterator]();
  let isOver = false;
  return closableGenerator<T>({
    async pull() {
      while (!isOver && !hasTaken()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      return isOver ? { value: undefined, done: true } : results.next();
    },
    close() {
      isOver = true;
      return results.return?.();
    },
  });
}

/** Whether a response of Node has given all of itself to the network. Any other value: true. */
export function isTaken(response: unknown): boolean {
  const { writableLength } = Object(response);
  return typeof writableLength !== 'number' || writableLength === 0;
}
