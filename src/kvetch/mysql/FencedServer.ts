import type { Fence } from './Fence.ts';
import type { MysqlServer } from './MysqlServer.ts';

/** A server, and what keeps the shards that it does not hold apart. */
export interface FencedServer {
  readonly server: MysqlServer;
  readonly fence: Fence;
}
