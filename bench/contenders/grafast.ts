import { context, execute, get, loadMany, loadOne, makeGrafastSchema } from 'grafast';
import { ask } from '../ask.ts';
import type { Relation, Store, Workload } from '../Workload.ts';
import { type Contender, hasErrors, textOfResult } from './Contender.ts';

// biome-ignore-start lint/suspicious/noExplicitAny: made from data, for any schema
function planOf({ kind, batch, by }: Relation): ($parent: any, args: any) => any {
  const loader: any = {
    name: batch,
    shared: () => get(context(), 'store' as never),
    load: (keys: readonly unknown[], { shared }: { shared: Store }) => ask(shared, batch, keys),
  };
  const load: any = kind === 'one' ? loadOne : loadMany;
  return ($parent, args) => load('argument' in by ? args[`$${by.argument}`] : get($parent, by.attribute), loader);
}

export function grafastSchema({ typeDefs, relations, abstractTypes }: Workload): ReturnType<typeof makeGrafastSchema> {
  const objects: Record<string, { plans: Record<string, any> }> = {};
  for (const [coordinate, relation] of Object.entries(relations)) {
    const [type, field] = coordinate.split('.') as [string, string];
    objects[type] ??= { plans: {} };
    objects[type].plans[field] = planOf(relation);
  }
  const planType = ($value: any) => ({ $__typename: get($value, '__typename'), planForType: () => $value });
  const isInterface = (name: string): boolean => typeDefs.includes(`interface ${name} `);
  const plans = (names: readonly string[]): Record<string, any> =>
    Object.fromEntries(names.map((name) => [name, { planType }]));
  return makeGrafastSchema({
    typeDefs,
    objects,
    interfaces: plans(abstractTypes.filter(isInterface)),
    unions: plans(abstractTypes.filter((name) => !isInterface(name))),
  });
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above

/**
 * Grafast asks for Node 22. All that it misses in Node 20 is this function; with it, it runs in the same Node as the
 * others, and figures can be compared.
 */
function provideWithResolvers(): void {
  const promises = Promise as unknown as { withResolvers?: () => object };
  promises.withResolvers ??= () => {
    let resolvers = {};
    const promise = new Promise((resolve, reject) => {
      resolvers = { resolve, reject };
    });
    return { promise, ...resolvers };
  };
}
provideWithResolvers();

/** Grafast writes `data` as text itself; what is around it is added here. */
export const grafastText: Contender = {
  name: 'grafast',
  title: 'Grafast, text',
  isExact: false,
  prepare(workload, store) {
    const schema = grafastSchema(workload);
    return async (document, variableValues) => {
      const result = await execute({
        schema,
        document,
        variableValues,
        contextValue: { store },
        resolvedPreset: preset,
        outputDataAsString: true,
      });
      if (hasErrors(result)) throw new Error(`Answered with errors: ${JSON.stringify(result).slice(0, 1000)}`);
      return `{"data":${(result as { data?: unknown }).data}}`;
    };
  },
};

export const grafastObjects: Contender = {
  name: 'grafast-objects',
  title: 'Grafast, objects + JSON.stringify',
  isExact: false,
  prepare(workload, store) {
    const schema = grafastSchema(workload);
    return async (document, variableValues) =>
      textOfResult(
        await execute({ schema, document, variableValues, contextValue: { store }, resolvedPreset: preset }),
      );
  },
};

/** Planning may take as long as it likes; its default gives up sooner. */
// biome-ignore lint/suspicious/noExplicitAny: a resolved preset has members that only its resolver gives
const preset: any = { grafast: { timeouts: { planning: 60_000, execution: 60_000 } } };
