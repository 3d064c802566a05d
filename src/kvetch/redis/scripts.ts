import { createHash } from 'node:crypto';

/** A Lua script and the name by which Redis knows it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/**
 * A script for many entries at once: `KEYS` has the entry and the lease of each, `ARGV` as many arguments for each, and
 * the answer one number for each. `body` is what happens to one: `entry` and `lease` are its keys, `arg(1)` its first
 * argument.
 */
function forEach(body: string): Script {
  return script(`
local width = #ARGV / (#KEYS / 2)
local replies = {}
for at = 0, #KEYS / 2 - 1 do
  local entry, lease = KEYS[2 * at + 1], KEYS[2 * at + 2]
  local function arg(n) return ARGV[at * width + n] end
  local function one()${body.replaceAll('\n', '\n    ')}
  end
  replies[at + 1] = one()
end
return replies`);
}

/** Whether what is there is an object of a higher version than the text that is the given argument. */
const isNewer = (text: number): string => `
local there = redis.pcall('GET', entry)
if type(there) == 'string' and string.find(there, '^' .. string.rep('%d', 16) .. ' ')
  and string.sub(there, 1, 16) > string.sub(arg(${text}), 1, 16) then return 0 end`;

/** Arguments: token, milliseconds. Takes the lease of an entry, if nobody has it. */
export const takeLease: Script = forEach(`
if redis.call('SET', lease, arg(1), 'NX', 'PX', arg(2)) then return 1 end
return 0`);

/** Arguments: token, text, milliseconds. Fills an object while the lease is the reader's own and nothing newer is there. */
export const fillObject: Script = forEach(`
if redis.call('GET', lease) ~= arg(1) then return 0 end
redis.call('DEL', lease)${isNewer(2)}
redis.call('SET', entry, arg(2), 'PX', arg(3))
return 1`);

/** Arguments: text, milliseconds. Puts a committed object in place of an older one, and ends whatever fill is under way. */
export const applyObject: Script = forEach(`
redis.call('DEL', lease)${isNewer(1)}
redis.call('SET', entry, arg(1), 'PX', arg(2))
return 1`);

/** Arguments: token, text, milliseconds. Fills a list, or the entries of an index value. */
export const fillText: Script = forEach(`
if redis.call('GET', lease) ~= arg(1) then return 0 end
redis.call('DEL', lease)
redis.call('SET', entry, arg(2), 'PX', arg(3))
return 1`);
