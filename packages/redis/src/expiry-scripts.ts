import { toScript } from './script.js'

/**
 * A page of an index on expiry, behind a score and a member: scores and members by turns, which may be fewer than the
 * limit only at the end. Members that have expired go, a thousand at a time.
 *
 * The member without a name says until when the index has every record: `incomplete` without it. It stands in the index
 * so that it is lost with it. Members are compared byte by byte: Lua's `>` follows the locale of the server, and the
 * index does not.
 */
export const indexPageScript = toScript(`
local function isAfter (one, other)
  for at = 1, math.min(#one, #other) do
    local left, right = string.byte(one, at), string.byte(other, at)
    if left ~= right then return left > right end
  end
  return #one > #other
end

local index = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local complete = redis.call('ZSCORE', index, '')
if not complete or tonumber(complete) <= now then return {'incomplete'} end
local over = redis.call('ZRANGEBYSCORE', index, '-inf', string.format('%.0f', now), 'LIMIT', 0, 1000)
if #over > 0 then redis.call('ZREM', index, unpack(over)) end

local least, behind, most, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local page, offset = {}, 0
repeat
  local found = redis.call('ZRANGEBYSCORE', index, least, most, 'WITHSCORES', 'LIMIT', offset, limit)
  for at = 1, #found, 2 do
    local isBehind = found[at + 1] ~= least or isAfter(found[at], behind)
    if #page < 2 * limit and isBehind and found[at] ~= '' then
      page[#page + 1] = found[at + 1]
      page[#page + 1] = found[at]
    end
  end
  offset = offset + limit
until #page == 2 * limit or #found < 2 * limit
return page
`)

/** Puts the records of keys into an index on expiry: their members are the arguments. */
export const addToIndexScript = toScript(`
for position = 2, #KEYS do
  local stored = redis.pcall('GET', KEYS[position])
  if type(stored) == 'string' then
    local expires = string.match(stored, '^miro1 %S+ %d+ (%S*)\\n')
    if expires == '' then expires = '+inf' end
    if expires and tonumber(expires) then redis.call('ZADD', KEYS[1], expires, ARGV[position - 1]) end
  end
end
return {'done'}
`)

/** An index has every record, for so many seconds. */
export const markScript = toScript(`
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], string.format('%.0f', (time[1] + ARGV[1]) * 1000), '')
`)
