import DataLoader from 'dataloader';
import type { Relation, Store } from '../Workload.ts';
import { keyOf, type Resolver } from './resolverSchema.ts';

/** A request's DataLoaders, made when they are first asked for. */
export class Loaders {
  readonly #loaders = new Map<string, DataLoader<unknown, unknown>>();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  load(name: string, key: unknown): Promise<unknown> {
    let loader = this.#loaders.get(name);
    if (loader === undefined) {
      const batch = this.#store[name] as Store[string];
      loader = new DataLoader((keys) => batch(keys));
      this.#loaders.set(name, loader);
    }
    return loader.load(key);
  }
}

/** A resolver that loads by DataLoader. */
export function loading(relation: Relation): Resolver {
  const key = keyOf(relation);
  return (source, args, loaders: Loaders) => loaders.load(relation.batch, key(source, args));
}
