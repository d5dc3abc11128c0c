import { ConfigError, type MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { NoAppUserError } from '../errors.js'
import type { AppUserId } from '../options.js'
import type { Mode } from './mode.js'

/** "Connect Miro": the app has its own users and login. Grants are linked to them, and no session is kept. */
export function createConnectMode ({ auth, appUserId }: { auth: MiroAuth, appUserId: AppUserId }): Mode {
  async function appUserOf (request: FastifyRequest): Promise<string | null> {
    const id: unknown = await appUserId(request)
    if (id === null || id === undefined || id === '') return null
    // Ill-formed ones would share a key.
    if (typeof id !== 'string' || !id.isWellFormed()) throw new ConfigError('The option appUserId must return a string, or null where nobody is signed in.')
    return id
  }

  async function requireAppUser (request: FastifyRequest): Promise<string> {
    const id = await appUserOf(request)
    if (id === null) throw new NoAppUserError()
    return id
  }

  return {
    async currentUser (request) {
      const id = await appUserOf(request)
      return id === null ? null : { appUserId: id, session: null }
    },
    notSignedIn: () => new NoAppUserError(),
    flowUser: requireAppUser,
    async completeSignIn ({ connection, appUserId }) {
      if (appUserId === null) throw new NoAppUserError()
      await auth.link(appUserId, connection)
      return { kind: 'linked' }
    },
    async signInForTest (connection, appUserId) {
      if (appUserId === null) throw new ConfigError('Tell whom to link the grant to: appUserId is missing.')
      await auth.link(appUserId, connection)
      return {}
    },
    // The callback has compared the flow's app user already: it is the one that the grant was linked to.
    isSameBrowser: (_request, outcome) => outcome.kind === 'linked',
    endSession: async () => {},
    async select () {
      throw new ConfigError('select() needs the plugin\'s own sessions; with appUserId, choose by the option grant.')
    }
  }
}
