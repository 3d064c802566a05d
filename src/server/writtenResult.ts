import type { ExecutionResult } from 'graphql';

/**
 * A result without errors that is JSON already. GraphQL Yoga sends the answer of the result's `stringify`. Plugins
 * that look at `data` find it: it is read from the bytes then. After that, or when a plugin has changed the result, the
 * result is written as any other.
 */
export function writtenResult(json: Buffer): ExecutionResult {
  const result: ExecutionResult = {};
  const holdData = (data: unknown): void => {
    Object.defineProperty(result, 'data', { value: data, enumerable: true, configurable: true, writable: true });
  };
  const getData = (): unknown => {
    holdData(readResult(json).data);
    return result.data;
  };
  Object.defineProperty(result, 'data', { get: getData, set: holdData, enumerable: true, configurable: true });
  const stringify = (given: object): string | Buffer => {
    const isAsWritten =
      Object.getOwnPropertyDescriptor(given, 'data')?.get === getData && Object.keys(given).length === 1;
    return isAsWritten ? json : JSON.stringify(given);
  };
  // Not enumerable: a copy of the result has its data, and not its bytes. Yoga joins the results of a batch as texts.
  return Object.defineProperty(result, 'stringify', { value: stringify });
}

/** A result as an object. */
export function readResult(json: Buffer): ExecutionResult {
  return JSON.parse(json.toString('utf8')) as ExecutionResult;
}
