import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { inspect } from '../../src/utils/inspect.ts';
import { watchNested } from '../../src/utils/watchPromise.ts';

/** Throws when the result of a loader is no list with one entry a key. */
export function assertEntries(name: string, result: unknown, count: number): asserts result is readonly unknown[] {
  if (Array.isArray(result) && result.length === count) return;
  watchNested(result);
  const keys = `${count} ${count === 1 ? 'key' : 'keys'}`;
  const seen = Array.isArray(result)
    ? `${result.length} ${result.length === 1 ? 'result' : 'results'}`
    : inspect(result);
  throw new PlanqlError(
    'LOADER_RESULT',
    `Loader "${name}" returned ${seen} for ${keys}. It must return a list with one entry a key, in the order of the keys.`,
  );
}
