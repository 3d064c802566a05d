/** How often one client may ask. In Redis for all servers, where there is one; else for this process. */
import { SafeError } from 'planql';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateLimits {
  /** Counts a request. Throws `TOO_MANY_REQUESTS`. */
  request(client: string): Promise<void>;
  /** Counts an attempt to sign in: of an address, of an address for one login, and for a login from wherever it comes. */
  signIn(address: string, login: string): Promise<void>;
  /** Counts a file that a viewer sends. */
  upload(viewer: string): Promise<void>;
  /** Takes the cost of an operation from what a client may spend. */
  charge(client: string, cost: number): Promise<void>;
  close(): void;
}

/**
 * So many (`points`) in so many seconds. `guess`: attempts of one address for one login. Those for a login from all addresses
 * may be more: a stranger who guesses locks out himself, not the owner.
 */
const rules = {
  request: { points: 600, duration: 60 },
  cost: { points: 3_000_000, duration: 60 },
  upload: { points: 30, duration: 10 * 60 },
  address: { points: 50, duration: 15 * 60 },
  guess: { points: 10, duration: 15 * 60 },
  login: { points: 100, duration: 15 * 60 },
} as const;

export async function createRateLimits(redis: string | null): Promise<RateLimits> {
  const client = redis === null ? null : new (await import('ioredis')).Redis(redis, { enableOfflineQueue: false });
  client?.on('error', (error: Error) => console.warn(`Rate limits count in this process: ${error.message}`));
  const limiter = (keyPrefix: keyof typeof rules): Limiter => {
    const memory = new RateLimiterMemory({ ...rules[keyPrefix], keyPrefix });
    if (client === null) return memory;
    const options = { ...rules[keyPrefix], keyPrefix: `todo:rate:${keyPrefix}` };
    return new RateLimiterRedis({ ...options, storeClient: client, insuranceLimiter: memory });
  };
  const [requests, costs, uploads, addresses, guesses, logins] = [
    limiter('request'),
    limiter('cost'),
    limiter('upload'),
    limiter('address'),
    limiter('guess'),
    limiter('login'),
  ];
  return {
    request: (asker) => count(requests, asker),
    upload: (viewer) => count(uploads, viewer),
    charge: (client, cost) => count(costs, client, Math.max(10, Math.ceil(cost))),
    async signIn(address, login) {
      await count(addresses, address);
      await count(guesses, `${address} ${login}`);
      await count(logins, login);
    },
    close: () => client?.disconnect(),
  };
}

interface Limiter {
  consume(key: string, points: number): Promise<unknown>;
}

async function count(limiter: Limiter, key: string, points = 1): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const seconds = Math.ceil(refused.msBeforeNext / 1000);
    throw new SafeError(`Too many requests. Try again in ${seconds} seconds.`, {
      code: 'TOO_MANY_REQUESTS',
      status: 429,
    });
  }
}
