import { emitWarning } from 'node:process'
import { ConfigError } from '@miro-oauth/core'
import type { Commands } from './commands.js'
import { codeOf } from './redis-failure.js'

/**
 * Returns a check that Redis does not evict records. It asks until the policy is right, and then no more.
 *
 * It sends `INFO` and not `CONFIG`, which managed services and strict ACLs forbid.
 */
export function evictionCheck (commands: Commands): () => Promise<void> {
  let checked: Promise<void> | undefined
  return () => {
    checked ??= check(commands).catch((error: unknown) => {
      checked = undefined
      throw error
    })
    return checked
  }
}

/** @throws {ConfigError} a server evicts */
async function check (commands: Commands): Promise<void> {
  for (const { info } of await commands.servers()) {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await info().catch(refusedInfo))?.[1]
    if (policy === undefined) return warn()
    if (policy !== 'noeviction') {
      const danger = 'would throw away grants and sessions'
      throw new ConfigError(`Redis has the setting maxmemory-policy ${policy}, and ${danger}. Set it to noeviction.`)
    }
  }
}

function refusedInfo (error: unknown): string {
  if (['NOPERM', 'ERR'].includes(codeOf(error) ?? '')) return ''
  throw error
}

function warn (): void {
  const reason = 'redisStore() may not ask for the setting maxmemory-policy.'
  const advice = 'Make sure that it is noeviction, or Redis may throw away grants and sessions.'
  emitWarning(`${reason} ${advice}`, { code: 'MIRO_REDIS_POLICY' })
}
