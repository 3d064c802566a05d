import { memoryVersions, type VersionStore } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import type { SharedServer } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';

/** Opens two processes' views of one store: where there is one process, they are the same. */
export interface StoreKind {
  readonly name: string;
  /** What it needs. */
  readonly servers: readonly SharedServer[];
  open(limits?: { readonly maxKeys?: number }): Promise<{ stores: [VersionStore, VersionStore]; end(): Promise<void> }>;
}

const memory: StoreKind = {
  ...{ name: 'memory', servers: [] },
  async open({ maxKeys } = {}) {
    // An entry of a key of five characters takes 138 bytes.
    const store = memoryVersions(maxKeys === undefined ? {} : { maxBytes: maxKeys * 138 });
    return { stores: [store, store], end: async () => void store.close() };
  },
};

/** All kinds of stores. */
export async function storeKinds(): Promise<readonly StoreKind[]> {
  const redis = await redisForTests();
  const { url, newPrefix } = redis;
  const overRedis: StoreKind = {
    ...{ name: 'redis', servers: [redis] },
    async open({ maxKeys } = {}) {
      // Time limits are no part of the contract.
      const options = { url, prefix: newPrefix(), timeoutMs: 30_000, ...(maxKeys !== undefined && { maxKeys }) };
      const stores = [redisVersions(options), redisVersions(options)] as const;
      await Promise.all(stores.map((store) => store.ready()));
      return {
        stores: [...stores],
        end: async () => void (await Promise.all(stores.map((store) => store.close()))),
      };
    },
  };
  return [memory, overRedis];
}
