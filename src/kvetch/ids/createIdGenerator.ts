import { randomFillSync } from 'node:crypto';
import { idFromHex } from './parseId.ts';
import { LOGICAL_SHARDS } from './routing.ts';

/** Makes new ids. `shard` is the logical shard that the id must route to, or `null` for any. */
export interface IdGenerator {
  next(shard: number | null): string;
}

export interface IdGeneratorOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A random integer in 0..below-1, for `below` up to 2^32. */
  readonly random?: (below: number) => number;
}

const COUNTERS = 1 << 14;
/** How far ids may run ahead of the clock to stay in order across shards. */
const MAX_AHEAD_MS = 10_000;
/** From here on new ids of free shards take small steps, so that more of them fit into one millisecond. */
const CROWDED_MS = 100;

/**
 * The default generator: UUID version 8 = 48-bit milliseconds | version | 12-bit shard | variant | 14-bit counter |
 * 48 random bits.
 *
 * Ids of one generator ascend strictly. The shard stands before the counter, so ids of one millisecond ascend only as
 * long as their shards do not descend: free shards are therefore picked in ascending order within a millisecond, and
 * when a shard would descend the id takes the next millisecond. Should that run more than ten seconds ahead of the
 * clock (bulk loads near scattered parents), ids stay in order per shard only, until the clock has caught up.
 */
export function createIdGenerator({ clock, random = randomBelow }: IdGeneratorOptions): IdGenerator {
  let lastMs = 0;
  let lastShard = -1;
  let counter = 0;

  function advance(ms: number): void {
    lastMs = ms;
    counter = random(COUNTERS >> 1); // the upper half is room to count in
  }

  function freeShard(fresh: boolean, now: number): number {
    if (fresh) return random(LOGICAL_SHARDS);
    const step = 1 + random(lastMs - now > CROWDED_MS ? 16 : 512);
    if (lastShard + step < LOGICAL_SHARDS) return lastShard + step;
    return (lastShard + step) % LOGICAL_SHARDS;
  }

  return {
    next(wanted: number | null): string {
      const now = Math.floor(clock());
      const fresh = now > lastMs;
      if (fresh) advance(now);
      else counter++;
      const shard = wanted ?? freeShard(fresh, now);
      const descends = !fresh && shard < lastShard && lastMs - now < MAX_AHEAD_MS;
      if (descends || counter >= COUNTERS) advance(lastMs + 1);
      lastShard = shard;
      return formatId(lastMs, shard, counter, random);
    },
  };
}

function formatId(ms: number, shard: number, counter: number, random: (below: number) => number): string {
  const tail = hex(random(1 << 24), 6) + hex(random(1 << 24), 6);
  return idFromHex(`${hex(ms, 12)}8${hex(shard, 3)}${hex(0x8000 | counter, 4)}${tail}`);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

const pool = new Uint32Array(1024);
let used = pool.length;

/** Cryptographic randomness from a pool; the modulo bias is nil for the powers of two that are asked for here. */
function randomBelow(below: number): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return (pool[used++] ?? 0) % below;
}
