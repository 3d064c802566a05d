/**
 * Takes entries of a stream for a group: those that were not acknowledged, then new ones. Changes nothing where entries were
 * missed, so that a follower that is killed then finds the same again. Needs Redis 7, which counts what was added.
 *
 * KEYS: stream. ARGV: group, entries at most, and how long others are left alone with theirs, in milliseconds.
 * Returns the state (`new`: there is no such group; `gap`; `taken`; `other`: the key is no stream), the last id (of another
 * key, its type) and the number of the entries that were ever added, the entries, and the id that the group has come to.
 */
export const takeScript: string = `
local stream, group, count, idle = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local function property(list, name)
  for at = 1, #list, 2 do if list[at] == name then return list[at + 1] end end
end
local function isBefore(one, other)
  local oneMs, oneCount = string.match(one, '(%d+)-(%d+)')
  local otherMs, otherCount = string.match(other, '(%d+)-(%d+)')
  if oneMs ~= otherMs then return tonumber(oneMs) < tonumber(otherMs) end
  return tonumber(oneCount) < tonumber(otherCount)
end
local kind = redis.call('TYPE', stream).ok
if kind == 'none' then return {'new', '0-0', 0, {}, '0-0'} end
if kind ~= 'stream' then return {'other', kind, 0, {}, '0-0'} end
local info = redis.call('XINFO', 'STREAM', stream)
local last, added = property(info, 'last-generated-id'), property(info, 'entries-added')
local own = nil
for _, one in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  if property(one, 'name') == group then own = one end
end
if not own then return {'new', last, added, {}, last} end

local entries, ids, isLost = {}, {}, false
for _, pending in ipairs(redis.call('XPENDING', stream, group, 'IDLE', idle, '-', '+', count)) do
  local found = redis.call('XRANGE', stream, pending[1], pending[1])[1]
  if found then
    entries[#entries + 1] = found
    ids[#ids + 1] = pending[1]
  else
    isLost = true
  end
end
local place, read = property(own, 'last-delivered-id'), property(own, 'entries-read')
-- More were removed than were read, or one behind the place, or the stream is another one.
if isLost or not read or added - property(info, 'length') > read
  or isBefore(place, property(info, 'max-deleted-entry-id')) or isBefore(last, place) then
  return {'gap', last, added, {}, place}
end
if #ids > 0 then
  redis.call('XCLAIM', stream, group, 'planql', 0, unpack(ids))
  return {'taken', last, added, entries, place}
end
local found = redis.call('XREADGROUP', 'GROUP', group, 'planql', 'COUNT', count, 'STREAMS', stream, '>')
if found then entries = found[1][2] end
if #entries > 0 then place = entries[#entries][1] end
return {'taken', last, added, entries, place}
`;

/** Lets a group begin behind an entry. KEYS: stream. ARGV: group, id, and number of the entries up to it. */
export const beginScript: string = `
if redis.call('TYPE', KEYS[1]).ok ~= 'none' then redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1]) end
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[2], 'MKSTREAM', 'ENTRIESREAD', ARGV[3])
`;
