import type { Contender } from './Contender.ts';

interface Entry {
  readonly name: string;
  /** Contenders are loaded by name, so that each process holds no code but its own. */
  load(): Promise<Contender>;
}

/** In the order of the table. */
const entries: readonly Entry[] = [
  { name: 'validate', load: async () => (await import('./byHand.ts')).validation },
  { name: 'hand-bytes', load: async () => (await import('./byHand.ts')).handBytes },
  { name: 'hand-objects', load: async () => (await import('./byHand.ts')).handObjects },
  { name: 'hand-shared', load: async () => (await import('./byHand.ts')).handShared },
  { name: 'planql', load: async () => (await import('./planql.ts')).planqlBytes },
  { name: 'planql-text', load: async () => (await import('./planql.ts')).planqlText },
  { name: 'planql-objects', load: async () => (await import('./planql.ts')).planqlObjects },
  { name: 'planql-shared', load: async () => (await import('./planql.ts')).planqlShared },
  { name: 'planql-imported', load: async () => (await import('./planqlPlans.ts')).planqlImported },
  { name: 'planql-again', load: async () => (await import('./planqlPlans.ts')).planqlAgain },
  { name: 'planql-counted', load: async () => (await import('./planqlPlans.ts')).planqlCounted },
  { name: 'planql-costed', load: async () => (await import('./planqlPlans.ts')).planqlCosted },
  { name: 'planql-resolvers', load: async () => (await import('./planqlResolvers.ts')).planqlResolvers },
  { name: 'graphql-js', load: async () => (await import('./resolvers.ts')).graphqlNaive },
  { name: 'dataloader', load: async () => (await import('./resolvers.ts')).graphqlDataLoader },
  { name: 'jit', load: async () => (await import('./resolvers.ts')).graphqlJit },
  { name: 'grafast', load: async () => (await import('./grafast.ts')).grafastText },
  { name: 'grafast-objects', load: async () => (await import('./grafast.ts')).grafastObjects },
];

export const contenderNames: readonly string[] = entries.map(({ name }) => name);

export function contenderNamed(name: string): Promise<Contender> {
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`There is no contender ${JSON.stringify(name)}.`);
  return entry.load();
}
