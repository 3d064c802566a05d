import { createHash } from 'node:crypto';

/** A Lua script and the name by which Redis knows it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** What a lease begins with, which lies where its entry will be. No entry begins so. */
export const LEASE_MARK = '?';

/**
 * A script for many entries at once: `KEYS` has the entries, `ARGV` first what they share and then as many arguments for
 * each, and the answer one number for each. `body` is what happens to one, whose key is `entry`.
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

/** Something of another type may lie there: its error is no text. */
const look = `
local there = redis.pcall('GET', entry)`;
/** Puts the lease, which all entries share with its milliseconds, or the entry's own text with its. */
const putLease = `
redis.call('SET', entry, ${shared(1)}, 'PX', ${shared(2)})
return 1`;
const putText = `
redis.call('SET', entry, ${own(1)}, 'PX', ${own(2)})
return 1`;
const isLease = `type(there) == 'string' and string.sub(there, 1, 1) == '${LEASE_MARK}'`;

/** Shared: lease, milliseconds. Takes the lease of an entry where nothing is, or nothing that MGET would show. */
export const takeLease: Script = forEach(
  2,
  `
if redis.call('SET', entry, ${shared(1)}, 'NX', 'PX', ${shared(2)}) then return 1 end${look}
if type(there) ~= 'table' then return 0 end${putLease}`,
);

/** The same where something is that does not answer: it goes, unless it is a lease. */
export const replaceByLease: Script = forEach(
  2,
  `${look}
if ${isLease} then return 0 end${putLease}`,
);

/** Shared: lease. Own: text, milliseconds. Fills an entry while the reader's lease is there: no write has come since. */
export const fillEntry: Script = forEach(
  1,
  `${look}
if there ~= ${shared(1)} then return 0 end${putText}`,
);

/** Ends the lease of an entry: what is being loaded for it will not fill it. */
export const endLease: Script = forEach(
  0,
  `${look}
if ${isLease} then redis.call('DEL', entry) end
return 1`,
);

/**
 * Shared: who the server is, an epoch that nobody has had. The epoch of the data: the one that this server noted, or the
 * new one, when the data was noted by another server: it is a copy, of whatever age.
 */
export const noteEpoch: Script = forEach(
  2,
  `${look}
local server = ${shared(1)} .. ' '
if type(there) == 'string' and string.sub(there, 1, #server) == server then return string.sub(there, #server + 1) end
redis.call('SET', entry, server .. ${shared(2)})
return ${shared(2)}`,
);
