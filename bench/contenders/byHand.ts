import { validate } from 'graphql';
import type { Store } from '../Workload.ts';
import type { Contender } from './Contender.ts';
import { resolverSchema } from './resolverSchema.ts';

export const handBytes: Contender = {
  name: 'hand-bytes',
  title: 'by hand, bytes',
  isExact: true,
  prepare({ byHand }, store) {
    const bytes = byHand?.bytes;
    return bytes == null ? null : (_document, variables) => bytes(store, variables);
  },
};

export const handObjects: Contender = {
  name: 'hand-objects',
  title: 'by hand, objects + JSON.stringify',
  isExact: false,
  prepare({ byHand }, store) {
    if (byHand === null) return null;
    return async (document, variables) => JSON.stringify({ data: await byHand.objects(store, variables, document) });
  },
};

/** By hand, with the store's calls of all clients gathered: what planql's batching across requests is to reach. */
export const handShared: Contender = {
  name: 'hand-shared',
  title: 'by hand, bytes, batches shared by clients',
  isExact: true,
  prepare(workload, store) {
    if (workload.mode !== 'crowd') return null;
    return handBytes.prepare(workload, gathered(store));
  },
};

/** No answer at all: graphql-js' validation of the same document, the measure of planning. */
export const validation: Contender = {
  name: 'validate',
  title: 'graphql-js validate()',
  isExact: false,
  prepare(workload) {
    if (workload.byHand !== null) return null;
    const schema = resolverSchema(workload, () => null);
    return async (document) => {
      const [error] = validate(schema, document);
      if (error !== undefined) throw error;
      return '';
    };
  },
};

interface Waiting {
  readonly keys: unknown[];
  readonly result: Promise<readonly unknown[]>;
}

/** A store whose calls of one turn of the event loop become one call. */
function gathered(store: Store): Store {
  return Object.fromEntries(
    Object.entries(store).map(([name, batch]) => {
      let waiting: Waiting | null = null;
      return [
        name,
        async (keys: readonly unknown[]) => {
          waiting ??= gather(batch, () => {
            waiting = null;
          });
          const from = waiting.keys.length;
          waiting.keys.push(...keys);
          return (await waiting.result).slice(from, from + keys.length);
        },
      ];
    }),
  );
}

function gather(batch: Store[string], begin: () => void): Waiting {
  const keys: unknown[] = [];
  const result = new Promise<readonly unknown[]>((resolve, reject) => {
    setImmediate(() => {
      begin();
      batch(keys).then(resolve, reject);
    });
  });
  return { keys, result };
}
