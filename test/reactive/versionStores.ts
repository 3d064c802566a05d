import { memoryVersions, type VersionStore } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { redisForTests } from '../support/redisServer.ts';

/** Opens two processes' views of one store: where there is one process, they are the same. */
export interface StoreKind {
  readonly name: string;
  open(limits?: { readonly maxKeys?: number }): Promise<{ stores: [VersionStore, VersionStore]; end(): Promise<void> }>;
}

const memory: StoreKind = {
  name: 'memory',
  async open({ maxKeys } = {}) {
    // An entry of a key of five characters takes 138 bytes.
    const store = memoryVersions(maxKeys === undefined ? {} : { maxBytes: maxKeys * 138 });
    return { stores: [store, store], end: async () => void store.close() };
  },
};

/** All stores that can be tested here: Redis says why when it is left out. */
export async function storeKinds(): Promise<readonly StoreKind[]> {
  const redis = await redisForTests();
  if (redis === null) return [memory];
  const { url, newPrefix } = redis;
  const overRedis: StoreKind = {
    name: 'redis',
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
