import { itemAt } from '../../utils/itemAt.ts';
import type { CacheKey } from './cacheKeys.ts';
import type { Command, Reply } from './commands.ts';

/** A command as ioredis takes it. */
type Line = [name: string, ...words: (string | number)[]];

/** The lines that go to one node in one write, and how their replies are assigned. */
export interface JoinedCommands {
  readonly lines: readonly Line[];
  /** The reply to each command and then to each key, given those to the lines. */
  replies(replies: readonly Reply[]): readonly Reply[];
}

/** In one MGET: Redis does nothing else meanwhile. */
export const MAX_KEYS = 1000;

/**
 * Joins commands with keys to GET. Keys become MGETs, which take a third of the time of a pipeline of GETs, here and in
 * Redis. In a Cluster the keys of an MGET must be in one slot, so each GET stays separate. Keys come last, so that reads
 * see the writes of the same turn.
 */
export function joinCommands(
  commands: readonly Command[],
  keys: readonly CacheKey[],
  isCluster: boolean,
): JoinedCommands {
  const lines = commands.map(({ words }) => words as Line);
  if (isCluster) {
    for (const { entry } of keys) lines.push(['get', entry]);
    return { lines, replies: (replies) => replies };
  }
  for (let at = 0; at < keys.length; at += MAX_KEYS) {
    const line: Line = ['mget'];
    for (let i = at; i < Math.min(at + MAX_KEYS, keys.length); i++) line.push(itemAt(keys, i).entry);
    lines.push(line);
  }
  return { lines, replies: (replies) => divide(replies, commands.length, lines) };
}

/** Assigns the replies of MGETs to their keys. */
function divide(replies: readonly Reply[], commands: number, lines: readonly Line[]): readonly Reply[] {
  if (commands === 0 && lines.length === 1 && Array.isArray(replies[0])) return replies[0];
  return replies.flatMap((reply, at) => {
    if (at < commands || Array.isArray(reply)) return at < commands ? [reply] : (reply as readonly Reply[]);
    return new Array<Reply>(itemAt(lines, at).length - 1).fill(reply); // the MGET failed as a whole
  });
}
