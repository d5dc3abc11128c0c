import { ConfigError } from '@miro-oauth/core'

/** A registration that keeps sessions. */
interface SessionKeeper {
  /** The name of its session cookie. */
  cookie: string
  hostname: string
  /** Whether it was given no store, and keeps its sessions in a memory of its own. */
  hasOwnStore: boolean
}

/** The registrations of a server, whichever scopes they are in: kept on the server, which is one for all of them. */
const keepers = Symbol('registrations of the Miro plugin that keep sessions')

/**
 * Notes a registration with its server.
 *
 * @throws {ConfigError} another one has the same session cookie and other sessions: each would take the cookie of the
 * other for unknown, and end it
 */
export function requireOwnCookie (server: object & { [keepers]?: SessionKeeper[] }, keeper: SessionKeeper): void {
  const others = (server[keepers] ??= [])
  const isTaken = others.some(({ cookie, hostname, hasOwnStore }) => {
    return cookie === keeper.cookie && hostname === keeper.hostname && (hasOwnStore || keeper.hasOwnStore)
  })
  if (isTaken) {
    throw new ConfigError('Another registration of the Miro plugin on this server has the same session cookie, and a ' +
      'store of its own, so that each would end the sessions of the other. Give both the same option store, or one of ' +
      'them another name by the option decorator.')
  }
  others.push(keeper)
}
