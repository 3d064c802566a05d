import { Cluster, type Redis } from 'ioredis';

/** A connection of its own, for messages. It is not opened yet, and does not reconnect. Null: no node is known. */
export function forMessages(client: Redis | Cluster): Redis | null {
  const own = { lazyConnect: true, enableOfflineQueue: true, autoResubscribe: false, retryStrategy: () => null };
  if (!(client instanceof Cluster)) return client.duplicate(own);
  // In a Cluster every node passes all messages on.
  const nodes = client.nodes('all');
  return nodes[Math.floor(Math.random() * nodes.length)]?.duplicate(own) ?? null;
}
