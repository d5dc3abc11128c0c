import { createHash } from 'node:crypto'
import type { Commands } from './commands.js'
import { codeOf } from './redis-failure.js'

/** A script and its name on a server that knows it. */
export interface Script {
  text: string
  sha1: string
}

/**
 * Compare-and-set of one key. A record is one string: a line with its format, version, time of writing and expiry, and
 * then the body.
 *
 * `SET` with `PXAT` replaces body, version and expiry in one command, so that a write that Redis refuses (out of
 * memory, a read-only replica) leaves the whole old record. `pcall` returns the refusal in Redis' own words. Redis
 * keeps a key through the millisecond in which it expires, and a replica keeps it longer: the script compares times
 * itself.
 *
 * A second key is an index on expiry. Where Redis refuses it alone (an ACL without `ZADD`, a value of another app), the
 * record is written all the same, for it may hold a pair that Miro gives once: `unindexed`, and the index counts as
 * incomplete. Each write removes two members that have expired, so that an index that no scan reads does not grow.
 */
export const casScript = toScript(`
local function refused (answer) return type(answer) == 'table' and answer.err end

local key, index = KEYS[1], KEYS[2]
local expected, version, member, expiresAt, deadline, body = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state, current, isIndexed = 'absent', {'absent'}, true

local stored = redis.pcall('GET', key)
if refused(stored) then
  if string.find(stored.err, 'WRONGTYPE', 1, true) then return {'foreign'} end
  return stored
end
if stored then
  local _, head, was, written, expires = string.find(stored, '^miro1 (%S+) (%d+) (%S*)\\n')
  if not head or (expires ~= '' and not tonumber(expires)) then return {'foreign'} end
  if was == version then return {'done'} end
  if expires == '' or tonumber(expires) > now then
    state = 'version ' .. was
    current = {'found', stored, time[1], time[2]}
  end
end
if expected ~= state then return current end

local answer
if not body or (expiresAt ~= '' and tonumber(expiresAt) <= now) then
  answer = redis.pcall('DEL', key)
  if index then redis.pcall('ZREM', index, member) end
else
  if index then
    isIndexed = not refused(redis.pcall('ZADD', index, expiresAt == '' and '+inf' or expiresAt, member))
    local over = redis.pcall('ZRANGEBYSCORE', index, '-inf', string.format('%.0f', now), 'LIMIT', 0, 2)
    if not refused(over) and #over > 0 then redis.pcall('ZREM', index, unpack(over)) end
  end
  local record = string.format('miro1 %s %.0f %s\\n', version, now, expiresAt) .. body
  if expiresAt == '' then
    answer = redis.pcall('SET', key, record)
  else
    answer = redis.pcall('SET', key, record, 'PXAT', deadline)
  end
end
if refused(answer) then return answer end
if isIndexed then return {'done'} end
redis.pcall('ZREM', index, '')
return {'done', 'unindexed'}
`)

/**
 * Reads keys at one instant of the server's clock, which is returned beside them. With the argument `heads` the first
 * lines only. A value that is no string is returned as an empty one, which is no record either.
 */
export const readScript = toScript(`
local time = redis.call('TIME')
local found = {}
for index, key in ipairs(KEYS) do
  local value = redis.pcall('GET', key)
  if type(value) == 'table' then
    if not string.find(value.err, 'WRONGTYPE', 1, true) then return value end
    value = ''
  end
  if value and ARGV[1] == 'heads' then value = string.match(value, '^[^\\n]*\\n?') end
  found[index] = value
end
return {time[1], time[2], found}
`)

export function toScript (text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}

/** Runs a script by its SHA-1, and by its text on a server that is new, was restarted or had its scripts flushed. */
export async function runScript (
  commands: Commands, { text, sha1 }: Script, { keys, args }: { keys: readonly string[], args: string[] }
): Promise<unknown> {
  try {
    return await commands.script('sha1', sha1, keys, args)
  } catch (error) {
    if (codeOf(error) !== 'NOSCRIPT') throw error
    return await commands.script('text', text, keys, args)
  }
}
