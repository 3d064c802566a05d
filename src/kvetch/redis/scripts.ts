import { createHash } from 'node:crypto';

/** A Lua script and the name by which Redis knows it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** `KEYS` entry, lease; `ARGV` token, text, milliseconds. Fills an object while the lease is the reader's own and nothing newer is there. */
export const fillObject: Script = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
local there = redis.pcall('GET', KEYS[1])
if type(there) == 'string' and string.match(there, '^%x+ ') and #string.match(there, '^%x+') == 16
  and string.sub(there, 1, 16) > string.sub(ARGV[2], 1, 16) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`);

/** `KEYS` entry, lease; `ARGV` text, milliseconds. Puts a committed object in place of an older one, and ends whatever fill is under way. */
export const applyObject: Script = script(`
redis.call('DEL', KEYS[2])
local there = redis.pcall('GET', KEYS[1])
if type(there) == 'string' and string.match(there, '^%x+ ') and #string.match(there, '^%x+') == 16
  and string.sub(there, 1, 16) > string.sub(ARGV[1], 1, 16) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/** `KEYS` entry, lease; `ARGV` token, milliseconds, then score and member of each edge. Fills a list. */
export const fillList: Script = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
for at = 3, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[at], ARGV[at + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`);

/** `KEYS` entry, lease; `ARGV` token, text, milliseconds. Fills the entries of an index value. */
export const fillEntries: Script = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`);
