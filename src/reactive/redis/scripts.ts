/**
 * Both scripts begin alike. A server with another run id than the one that noted the epoch was restarted, restored or
 * promoted: it may lack changes, so a new epoch begins. So it does where the counters are gone.
 * KEYS: counters, order. ARGV: an epoch that nobody has had.
 */
const begin = `
local counters, order = KEYS[1], KEYS[2]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local meta = redis.call('HMGET', counters, '#run', '#epoch', '#seq', '#floor')
local epoch, seq, floor = meta[2], tonumber(meta[3]), tonumber(meta[4])
if meta[1] ~= run then
  redis.call('UNLINK', counters, order)
  epoch, seq, floor = ARGV[1], 0, 0
  redis.call('HSET', counters, '#run', run, '#epoch', epoch, '#seq', 0, '#floor', 0)
end`;

/** ARGV from 2: keys. Answers epoch, sequence, floor, and for each key `version:seq` or false. */
export const readScript: string = `${begin}
local states = {}
if #ARGV > 1 then states = redis.call('HMGET', counters, unpack(ARGV, 2)) end
return {epoch, seq, floor, states}`;

/**
 * ARGV: 2 channel, 3 how many keys are kept, from 4 keys. Counts the sequence and each key up, forgets the oldest keys
 * beyond the limit while the floor rises, and publishes once. A key that was forgotten had at most as many changes as
 * there were batches then, so it goes on above the floor. Answers what it has published.
 */
export const invalidateScript: string = `${begin}
seq = redis.call('HINCRBY', counters, '#seq', 1)
local known = redis.call('HMGET', counters, unpack(ARGV, 4))
local puts, places, keys, versions = {}, {}, {}, {}
for at = 1, #known do
  local key = ARGV[at + 3]
  local version = (known[at] and tonumber(string.match(known[at], '^%d+')) or floor) + 1
  puts[2 * at - 1], puts[2 * at] = key, version .. ':' .. seq
  places[2 * at - 1], places[2 * at] = seq, key
  keys[at], versions[at] = key, version
end
redis.call('HSET', counters, unpack(puts))
redis.call('ZADD', order, unpack(places))
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
return change`;
