import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { anything, type OptionTable } from '../errors/checkOptions.ts';

/** Where Redis is. */
export interface RedisPlace {
  /** One server: `redis://user:password@host:6379/0`. */
  readonly url?: string;
  /** A Cluster: `host:port` of some of its nodes. */
  readonly nodes?: readonly string[];
  /** The server that Sentinels name as `master`: another one as soon as they have promoted it. `nodes` are theirs, as `host:port`. */
  readonly sentinel?: { readonly master: string; readonly nodes: readonly string[] };
  /** Further options of ioredis, for user, password and TLS say. */
  readonly redisOptions?: Omit<RedisOptions, 'replyMapping'>;
}

export const placeOptions: OptionTable<RedisPlace> = {
  url: anything,
  nodes: anything,
  sentinel: {
    master: (name) => (typeof name === 'string' ? null : 'must be the name of a master'),
    nodes: (nodes) => (Array.isArray(nodes) && nodes.length > 0 ? null : 'must be ["host:port", ...]'),
  },
  redisOptions: anything,
};

/** The errors of a place that is none: of the option that is missing, and of a node that is no `host:port`. */
export interface PlaceErrors {
  missing(): Error;
  badNode(node: string): Error;
}

/** A client that reconnects for ever and queues nothing: a command that cannot be sent fails at once. */
export function connect({ url, nodes, sentinel, redisOptions }: RedisPlace, errors: PlaceErrors): Redis | Cluster {
  const common = { ...redisOptions, maxRetriesPerRequest: 0, connectTimeout: 1000 };
  const retry = (times: number): number => Math.min(50 * times, 500);
  // without its master or nodes it is no place, whatever stands beside it
  const isHalf = sentinel !== undefined && (sentinel?.master === undefined || sentinel.nodes === undefined);
  if (isHalf) throw errors.missing();
  if (nodes !== undefined && nodes.length > 0) {
    return new Cluster(
      nodes.map((node) => toNode(node, errors)),
      {
        redisOptions: common,
        enableOfflineQueue: false,
        maxRedirections: 4,
        retryDelayOnFailover: 20,
        retryDelayOnClusterDown: 20,
        slotsRefreshInterval: 1000,
        clusterRetryStrategy: retry,
      },
    );
  }
  if (sentinel !== undefined) {
    const sentinels = sentinel.nodes.map((node) => toNode(node, errors));
    return new Redis({ ...common, sentinels, name: sentinel.master, enableOfflineQueue: false, retryStrategy: retry });
  }
  if (url === undefined) throw errors.missing();
  return new Redis(url, { ...common, enableOfflineQueue: false, retryStrategy: retry });
}

function toNode(text: string, errors: PlaceErrors): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  const port = Number(text.slice(at + 1));
  if (at < 1 || !Number.isInteger(port)) throw errors.badNode(text);
  return { host: text.slice(0, at), port };
}
