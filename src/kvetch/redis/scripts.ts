import { createHash } from 'node:crypto';
import { FULL, PREFIX } from './rowText.ts';

/** A Lua script and the name by which Redis knows it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** The prefix of a lease. A lease is stored under the key of its entry; no entry begins with this prefix. */
export const LEASE_MARK = '?';

/**
 * A script for many entries at once. `KEYS` has the entries. `ARGV` has the shared arguments first, then the arguments of
 * each entry. It returns one number per entry. `body` handles one entry, whose key is `entry`.
 */
function forEach(sharedArgs: number, body: string): Script {
  return script(`
local function one(entry, from)${body.replaceAll('\n', '\n  ')}
end
local width = (#ARGV - ${sharedArgs}) / #KEYS
local replies = {}
for at = 1, #KEYS do
  replies[at] = one(KEYS[at], ${sharedArgs} + (at - 1) * width)
end
return replies`);
}

/** An argument that all entries share. */
const shared = (n: number): string => `ARGV[${n}]`;
/** An argument of the entry. */
const own = (n: number): string => `ARGV[from + ${n}]`;

/** A value of another type may be stored there: GET then returns an error, not a text. */
const look = `
local there = redis.pcall('GET', entry)`;
/** SET with an expiry: either the shared lease and its milliseconds, or the entry's own text and milliseconds. */
const putLease = `
redis.call('SET', entry, ${shared(1)}, 'PX', ${shared(2)})
return 1`;
const putText = `
redis.call('SET', entry, ${own(1)}, 'PX', ${own(2)})
return 1`;
const isLease = `type(there) == 'string' and string.sub(there, 1, 1) == '${LEASE_MARK}'`;

/** Shared: lease, milliseconds. Takes the lease of an entry if the key is empty, or holds a value that MGET cannot read. */
export const takeLease: Script = forEach(
  2,
  `
if redis.call('SET', entry, ${shared(1)}, 'NX', 'PX', ${shared(2)}) then return 1 end${look}
if type(there) ~= 'table' then return 0 end${putLease}`,
);

/** The same if the key holds a text that is no valid entry: it is overwritten, unless it is a lease. */
export const replaceByLease: Script = forEach(
  2,
  `${look}
if ${isLease} then return 0 end${putLease}`,
);

/** Shared: lease. Own: text, milliseconds. Fills an entry if the reader's lease is still there: then no write came since. */
export const fillEntry: Script = forEach(
  1,
  `${look}
if there ~= ${shared(1)} then return 0 end${putText}`,
);

/** Ends the lease of an entry, so that a load under way cannot fill it. */
export const endLease: Script = forEach(
  0,
  `${look}
if ${isLease} then redis.call('DEL', entry) end
return 1`,
);

/**
 * Own: the target of a written edge of an ordered list; `k` and its order key, or nothing for one that is gone; 1 where the
 * entry is of the list's last edges. Removes the list's entry, unless it goes on behind the rows that are kept and the write lies there: then it has changed none of
 * them. An edge that is kept lies before, wherever it is now.
 */
export const removeTouched: Script = forEach(
  0,
  `${look}
if type(there) == 'string' and not (${isLease}) and not string.find(there, '\\n' .. ${own(1)} .. '=', 1, true) then
  if ${own(2)} == '' then return 0 end
  local ends = string.find(there, '\\n', 1, true) or 1
  local mark = string.sub(there, ends - 1, ends - 1)
  local id, key = string.match(there, '\\n([^=\\n]*)=(%x*) [^\\n]*\\n\\4$')
  if key and (mark == '${PREFIX}' or mark == '${FULL}') then
    local last = 'k' .. key
    local isAfter = ${own(2)} > last or (${own(2)} == last and ${own(1)} > id)
    if isAfter == (${own(3)} == '0') then return 0 end
  end
end
redis.call('DEL', entry)
return 1`,
);

/**
 * Shared: the identity of the server, a new epoch. Returns the epoch that this server noted. If another server noted it,
 * the data is a copy of unknown age: then the new epoch is noted and returned.
 */
export const noteEpoch: Script = forEach(
  2,
  `${look}
local server = ${shared(1)} .. ' '
if type(there) == 'string' and string.sub(there, 1, #server) == server then return string.sub(there, #server + 1) end
redis.call('SET', entry, server .. ${shared(2)})
return ${shared(2)}`,
);
