/** How many keys are owed at most; a throttled key beyond that is counted at once. */
const MAX_OWED = 100_000;

/**
 * All scripts begin alike. A server with another run id than the one that noted the epoch was restarted, restored or
 * promoted: it may lack changes, so a new epoch begins. So it does where the counters are gone.
 * KEYS: counters, order, owed. ARGV: an epoch that nobody has had.
 */
const begin = `
local counters, order, owed = KEYS[1], KEYS[2], KEYS[3]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local meta = redis.call('HMGET', counters, '#run', '#epoch', '#seq', '#floor', '#owed')
local epoch, seq, floor, debt = meta[2], tonumber(meta[3]), tonumber(meta[4]), tonumber(meta[5] or 0)
local function anew()
  redis.call('UNLINK', counters, order, owed)
  epoch, seq, floor, debt = ARGV[1], 0, 0, 0
  redis.call('HSET', counters, '#run', run, '#epoch', epoch, '#seq', 0, '#floor', 0)
end
if meta[1] ~= run then anew() end`;

/** ARGV from 2: keys. Answers epoch, sequence, floor, for each key `version:seq` or false, and how many keys are owed. */
export const readScript: string = `${begin}
local states = {}
if #ARGV > 1 then states = redis.call('HMGET', counters, unpack(ARGV, 2)) end
return {epoch, seq, floor, states, debt}`;

/** The same for keys of 16 characters, as one text. So are the states: empty where there is none, commas between. */
export const readTextScript: string = `${begin}
local keys = {}
for at = 1, #ARGV[2], 16 do keys[#keys + 1] = string.sub(ARGV[2], at, at + 15) end
local states = redis.call('HMGET', counters, unpack(keys))
for at = 1, #states do states[at] = states[at] or '' end
return {epoch, seq, floor, table.concat(states, ','), debt}`;

/**
 * Counts the sequence and each key up, pays their debts, forgets the oldest keys beyond the limit while the floor
 * rises, and publishes once. A key that was forgotten had at most as many changes as there were batches then, so it
 * goes on above the floor. A key that was counted with a throttle has the time behind its state. Returns the published
 * message. ARGV: 2 channel, 3 how many keys are kept.
 */
const count = `
local function count(keys, known, suffix)
  if #keys == 0 then return '["' .. epoch .. '",' .. seq .. ',[],[]]' end
  seq = redis.call('HINCRBY', counters, '#seq', 1)
  local puts, places, versions = {}, {}, {}
  for at = 1, #keys do
    local version = (known[at] and tonumber(string.match(known[at], '^%d+')) or floor) + 1
    puts[2 * at - 1], puts[2 * at] = keys[at], version .. ':' .. seq .. suffix
    places[2 * at - 1], places[2 * at] = seq, keys[at]
    versions[at] = version
  end
  redis.call('HSET', counters, unpack(puts))
  redis.call('ZADD', order, unpack(places))
  if debt > 0 then
    debt = debt - redis.call('ZREM', owed, unpack(keys))
    redis.call('HSET', counters, '#owed', debt)
  end
  local over = redis.call('ZCARD', order) - tonumber(ARGV[3])
  if over > 0 then
    local oldest = redis.call('ZPOPMIN', order, math.min(over, 2000))
    local gone = {}
    for at = 1, #oldest, 2 do gone[#gone + 1] = oldest[at] end
    floor = math.max(floor, tonumber(oldest[#oldest]))
    redis.call('HDEL', counters, unpack(gone))
    redis.call('HSET', counters, '#floor', floor)
  end
  local change = cjson.encode({epoch, seq, keys, versions})
  redis.call('PUBLISH', ARGV[2], change)
  return change
end
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end`;

/** ARGV from 4: keys. Counts them up. */
export const invalidateScript: string = `${begin}${count}
local keys = {unpack(ARGV, 4)}
return count(keys, redis.call('HMGET', counters, unpack(keys)), '')`;

/**
 * ARGV: 4 a throttle in milliseconds, from 5 keys. Counts up those that were not counted with it lately; the others are
 * owed, with the moment at which they are due, and `#owed` is their number: if they are lost, that is seen.
 */
export const throttleScript: string = `${begin}${count}
local every, now = tonumber(ARGV[4]), clock()
local known = redis.call('HMGET', counters, unpack(ARGV, 5))
local keys, states, due = {}, {}, {}
for at = 1, #known do
  local key = ARGV[at + 4]
  local last = known[at] and tonumber(string.match(known[at], ':%d+:(%d+)$'))
  if last and last <= now and now < last + every and debt + #due / 2 < ${MAX_OWED} then
    due[#due + 1], due[#due + 2] = last + every, key
  else
    keys[#keys + 1], states[#keys + 1] = key, known[at]
  end
end
if #due > 0 then
  local added = redis.call('ZADD', owed, 'NX', unpack(due))
  debt = debt + added
  if added > 0 then redis.call('HSET', counters, '#owed', debt) end
end
return count(keys, states, ':' .. now)`;

/** Counts up due keys and drops their debts. If the list of debts is gone, a new epoch begins. ARGV: those of `count`. */
export const payScript: string = `${begin}${count}
if debt ~= redis.call('ZCARD', owed) then
  anew()
  redis.call('PUBLISH', ARGV[2], count({}, {}, ''))
  return count({}, {}, '')
end
local now = clock()
local keys = redis.call('ZRANGEBYSCORE', owed, '-inf', now, 'LIMIT', 0, 1000)
local known = #keys == 0 and {} or redis.call('HMGET', counters, unpack(keys))
return count(keys, known, ':' .. now)`;

/** Begins a new epoch. Published without keys: a process that hears of an epoch that it does not know reads again. ARGV: those of `count`. */
export const epochScript: string = `${begin}${count}
anew()
local change = count({}, {}, '')
redis.call('PUBLISH', ARGV[2], change)
return change`;
