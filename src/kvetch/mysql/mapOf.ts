import { KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { Holdings } from './Fence.ts';
import { CLOSED, isReadable } from './shardStates.ts';

/** The reports of the servers, in the order of servers; `null` of one that does not answer. */
export type Told = ReadonlyArray<Holdings | null>;

/** A range of shards, and the number of the server that has them. */
export interface ServerRange {
  readonly from: number;
  readonly to: number;
  readonly server: number;
}

/**
 * The map that servers make up together. A shard is where it is open, of two such places at the one with the higher
 * epoch. One that is open nowhere may be at a server that does not answer: where it was before, or any; else a move has
 * it, and it is about to be open where its epoch is highest.
 */
export function mapOf(told: Told, before: readonly ServerRange[] | null): readonly ServerRange[] {
  const silent = told.indexOf(null);
  const previous = new Int32Array(LOGICAL_SHARDS).fill(-1);
  for (const { from, to, server } of before ?? []) previous.fill(server, from, to + 1);
  const place = (shard: number): number => {
    const open = highest(told, shard, ({ states }) => isReadable(states[shard] ?? CLOSED));
    if (open >= 0) return open;
    const last = previous[shard] ?? -1;
    if (last >= 0 && told[last] === null) return last;
    return silent >= 0 ? silent : highest(told, shard, ({ epochs }) => (epochs[shard] ?? 0) > 0);
  };
  return toRanges(Array.from({ length: LOGICAL_SHARDS }, (_, shard) => place(shard)));
}

function highest(told: Told, shard: number, isCandidate: (holdings: Holdings) => boolean): number {
  let found = -1;
  let epoch = -1;
  for (const [at, holdings] of told.entries()) {
    if (holdings === null || !isCandidate(holdings) || (holdings.epochs[shard] ?? 0) <= epoch) continue;
    found = at;
    epoch = holdings.epochs[shard] ?? 0;
  }
  return found;
}

function toRanges(servers: readonly number[]): readonly ServerRange[] {
  const ranges: ServerRange[] = [];
  for (const [shard, server] of servers.entries()) {
    const last = ranges.at(-1);
    if (server < 0) {
      throw new KvetchOptionError(
        `No server of the cluster holds shard ${shard}: divide the shards with "kvetch init", or by mysqlCluster(…).init().`,
      );
    }
    if (last?.server === server) ranges[ranges.length - 1] = { ...last, to: shard };
    else ranges.push({ from: shard, to: shard, server });
  }
  return ranges;
}
