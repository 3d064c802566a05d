import { createEngine, type Engine, get, type Loader, loader, loadMany, loadOne, makeSchema } from '../../src/index.ts';
import { ask } from '../ask.ts';
import type { Relation, Store, Workload } from '../Workload.ts';
import { type Answer, type Contender, textOfResult } from './Contender.ts';

type PlansOfTypes = Record<string, { plans: Record<string, ReturnType<typeof planOf>> }>;

/** All clients of a process ask one store, which is their context. */
const sharedStore: NonNullable<Loader['batch']> = { contextKey: (store: Store) => store };

function planOf(coordinate: string, { kind, batch, by }: Relation, isShared: boolean) {
  const batchOfStore = loader<never>({
    name: `bench.${coordinate}`,
    load: (keys, { context }) => ask(context, batch, keys) as Promise<readonly never[]>,
    ...(isShared ? { batch: sharedStore } : null),
  });
  const load = kind === 'one' ? loadOne : loadMany;
  // biome-ignore lint/suspicious/noExplicitAny: made from data, for any schema
  return ($parent: any, args: any): any =>
    load('argument' in by ? args[`$${by.argument}`] : get($parent, by.attribute), batchOfStore);
}

export function planSchema(
  { typeDefs, relations, abstractTypes }: Workload,
  isShared = false,
): ReturnType<typeof makeSchema> {
  const objects: PlansOfTypes = {};
  for (const [coordinate, relation] of Object.entries(relations)) {
    const [type, field] = coordinate.split('.') as [string, string];
    objects[type] ??= { plans: {} };
    objects[type].plans[field] = planOf(coordinate, relation, isShared);
  }
  // biome-ignore lint/suspicious/noExplicitAny: made from data, for any schema
  const planType = ($value: any) => ({ $__typename: get($value, '__typename') });
  const isInterface = (name: string): boolean => typeDefs.includes(`interface ${name} `);
  const plans = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { planType }]));
  return makeSchema({
    typeDefs,
    objects,
    interfaces: plans(abstractTypes.filter(isInterface)),
    unions: plans(abstractTypes.filter((name) => !isInterface(name))),
  });
}

function contender(name: string, title: string, answer: (engine: Engine, store: Store) => Answer): Contender {
  return {
    name,
    title,
    isExact: true,
    prepare: (workload, store) => answer(createEngine({ schema: planSchema(workload) }), store),
  };
}

export const planqlBytes: Contender = contender('planql', 'planql, bytes', (engine, contextValue) => {
  return async (document, variableValues) => engine.executeToBuffer({ document, variableValues, contextValue });
});

export const planqlText: Contender = contender('planql-text', 'planql, text', (engine, contextValue) => {
  return async (document, variableValues) => engine.executeToString({ document, variableValues, contextValue });
});

export const planqlObjects: Contender = contender(
  'planql-objects',
  'planql, objects + JSON.stringify',
  (engine, contextValue) => {
    return async (document, variableValues) =>
      textOfResult(await engine.execute({ document, variableValues, contextValue }));
  },
);

/** With the store's calls of all clients shared (rule R16). */
export const planqlShared: Contender = {
  name: 'planql-shared',
  title: 'planql, bytes, batches shared by clients',
  isExact: true,
  prepare(workload, contextValue) {
    if (workload.mode !== 'crowd') return null;
    const engine = createEngine({ schema: planSchema(workload, true) });
    return async (document, variableValues) => engine.executeToBuffer({ document, variableValues, contextValue });
  },
};
