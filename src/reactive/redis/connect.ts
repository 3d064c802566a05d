import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { PlanqlError } from '../../errors/PlanqlError.ts';

/** Where Redis is. */
export interface RedisPlace {
  /** One server: `redis://user:password@host:6379/0`. */
  readonly url?: string;
  /** A Cluster: `host:port` of some of its nodes. */
  readonly nodes?: readonly string[];
  /** Further options of ioredis, for user, password and TLS say. */
  readonly redisOptions?: Omit<RedisOptions, 'replyMapping'>;
}

/** A client that reconnects for ever and queues nothing: what cannot be sent fails at once. */
export function connect({ url, nodes, redisOptions }: RedisPlace): Redis | Cluster {
  const common = { ...redisOptions, maxRetriesPerRequest: 0, connectTimeout: 1000 };
  const retry = (times: number): number => Math.min(50 * times, 500);
  if (nodes !== undefined && nodes.length > 0) {
    return new Cluster(nodes.map(toNode), {
      redisOptions: common,
      enableOfflineQueue: false,
      maxRedirections: 4,
      retryDelayOnFailover: 20,
      retryDelayOnClusterDown: 20,
      slotsRefreshInterval: 1000,
      clusterRetryStrategy: retry,
    });
  }
  if (url === undefined) throw new PlanqlError('REDIS_OPTIONS', 'redisVersions needs "url" or "nodes".');
  return new Redis(url, { ...common, enableOfflineQueue: false, retryStrategy: retry });
}

/** A connection of its own, for messages. It is not opened yet, and does not reconnect. Null: no node is known. */
export function forMessages(client: Redis | Cluster): Redis | null {
  const own = { lazyConnect: true, enableOfflineQueue: true, autoResubscribe: false, retryStrategy: () => null };
  if (!(client instanceof Cluster)) return client.duplicate(own);
  // In a Cluster every node passes all messages on.
  const nodes = client.nodes('all');
  return nodes[Math.floor(Math.random() * nodes.length)]?.duplicate(own) ?? null;
}

function toNode(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  const port = Number(text.slice(at + 1));
  if (at < 1 || !Number.isInteger(port)) {
    throw new PlanqlError('REDIS_OPTIONS', `redisVersions: a node is "host:port", not "${text}".`);
  }
  return { host: text.slice(0, at), port };
}
