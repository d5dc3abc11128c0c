import { createHash } from 'node:crypto'
import type { Commands } from './commands.js'
import { codeOf } from './redis-failure.js'

/**
 * The script of every call. A record is one string: a line with its format, version, time of writing and expiry, and
 * then the body.
 *
 * `SET` with `PXAT` replaces body, version and expiry in one command, so that a write that Redis refuses (out of
 * memory, a read-only replica) leaves the whole old record. `pcall` returns the refusal in Redis' own words. Redis
 * keeps a key through the millisecond in which it expires, and a replica keeps it longer: the script compares times
 * itself.
 */
const text = `
local function refused (answer) return type(answer) == 'table' and answer.err end

local key, operation, expected, version, expiresAt, deadline, body = KEYS[1], unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state, current = 'absent', {'absent'}

local stored = redis.pcall('GET', key)
if refused(stored) then
  if string.find(stored.err, 'WRONGTYPE', 1, true) then return {'foreign'} end
  return stored
end
if stored then
  local _, head, was, written, expires = string.find(stored, '^miro1 (%S+) (%d+) (%S*)\\n')
  if not head or (expires ~= '' and not tonumber(expires)) then return {'foreign'} end
  if operation == 'cas' and was == version then return {'done'} end
  if expires == '' or tonumber(expires) > now then
    state = 'version ' .. was
    local age = string.format('%.0f', math.max(0, now - written))
    current = {'found', was, expires, age, operation == 'expiry' and '' or string.sub(stored, head + 1)}
  end
end
if operation ~= 'cas' or expected ~= state then return current end

local answer
if not body or (expiresAt ~= '' and tonumber(expiresAt) <= now) then
  answer = redis.pcall('DEL', key)
else
  local record = string.format('miro1 %s %.0f %s\\n', version, now, expiresAt) .. body
  if expiresAt == '' then
    answer = redis.pcall('SET', key, record)
  else
    answer = redis.pcall('SET', key, record, 'PXAT', deadline)
  end
end
if refused(answer) then return answer end
return {'done'}
`

const sha1 = createHash('sha1').update(text).digest('hex')

/** Runs the script by its SHA-1, and by its text on a server that is new, was restarted or had its scripts flushed. */
export async function runScript (commands: Commands, key: string, args: string[]): Promise<unknown> {
  try {
    return await commands.script('sha1', sha1, key, args)
  } catch (error) {
    if (codeOf(error) !== 'NOSCRIPT') throw error
    return await commands.script('text', text, key, args)
  }
}
