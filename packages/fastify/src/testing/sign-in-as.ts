import { randomUUID } from 'node:crypto'
import { ConfigError } from '@miro-oauth/core'
import type { FastifyInstance } from 'fastify'
import { findRegistration, testSignIn } from '../registration.js'

/** Whom a test wants to be signed in. */
export interface TestPerson {
  userId: string
  teamId: string
  /** Default none. */
  scopes?: readonly string[]
  /** The app's id for them; needed with the option `appUserId`, and only there. */
  appUserId?: string
  /**
   * Tokens that a stand-in for Miro accepts; without `expiresInMs` they do not expire. Default: an access token that
   * no server accepts, and that does not expire.
   */
  tokens?: { accessToken: string, refreshToken?: string, expiresInMs?: number }
  /** The `decorator` of the registration. Default `miro`. */
  decorator?: string
}

/**
 * Signs a person in without Miro and without a browser: stores a grant, and begins a session for it or links it.
 *
 * @returns the cookies for `app.inject({ cookies })`; none where the app has sessions of its own
 * @throws {ConfigError} there is no such registration, or `appUserId` is missing
 */
export async function signInAs (app: FastifyInstance, person: TestPerson): Promise<Record<string, string>> {
  const { userId, teamId, scopes = [], appUserId, tokens = { accessToken: randomUUID() }, decorator = 'miro' } = person
  await app.ready()
  const miro = findRegistration(app, decorator)
  if (miro === null) throw new ConfigError('signInAs() found no registration of the Miro plugin under this decorator.')
  const connection = await miro.auth.connect({
    user_id: userId,
    team_id: teamId,
    scope: scopes.join(' '),
    token_type: 'bearer',
    access_token: tokens.accessToken,
    ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
    ...(tokens.expiresInMs === undefined ? {} : { expires_in: tokens.expiresInMs / 1000 })
  })
  return miro[testSignIn](connection, appUserId ?? null)
}
