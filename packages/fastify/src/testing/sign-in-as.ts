import { randomUUID } from 'node:crypto'
import { ConfigError, type Connection } from '@miro-oauth/core'
import type { FastifyInstance } from 'fastify'
import { findRegistration, testSigns, type Registration } from '../registration.js'

/** Who has a grant in a test. */
export interface TestGrant {
  userId: string
  teamId: string
  /** Default none. */
  scopes?: readonly string[] | undefined
  /**
   * Tokens that a stand-in for Miro accepts; without `expiresInMs` they do not expire. Default: an access token that
   * no server accepts, and that does not expire.
   */
  tokens?: {
    accessToken: string
    refreshToken?: string | undefined
    expiresInMs?: number | undefined
  } | undefined
  /** The `decorator` of the registration. Default `miro`. */
  decorator?: string | undefined
}

/** Whom a test wants to be signed in. */
export interface TestPerson extends TestGrant {
  /** The app's id for them; needed with the option `appUserId`, and only there. */
  appUserId?: string | undefined
}

/** Whom a test wants to be at a board. */
export interface TestPanelPerson extends TestGrant {
  /** `false`: they have not connected yet. Default `true`. */
  connected?: boolean | undefined
}

/**
 * Signs a person in without Miro and without a browser: stores a grant, and begins a session for it or links it.
 *
 * @returns the cookies for `app.inject({ cookies })`; none where the app has sessions of its own
 * @throws {ConfigError} there is no such registration, or `appUserId` is missing
 */
export async function signInAs (app: FastifyInstance, person: TestPerson): Promise<Record<string, string>> {
  const miro = await requireRegistration(app, person)
  return miro[testSigns].signIn(await connect(miro, person), person.appUserId ?? null)
}

/**
 * Opens the app's panel as a person at a board, without Miro and without a browser: stores a grant, and signs an id
 * token, which is good for five minutes.
 *
 * @returns the headers for `app.inject({ headers })`
 * @throws {ConfigError} there is no such registration
 */
export async function openPanelAs (app: FastifyInstance, person: TestPanelPerson): Promise<{ authorization: string }> {
  const miro = await requireRegistration(app, person)
  if (person.connected ?? true) await connect(miro, person)
  return { authorization: `Bearer ${await miro[testSigns].idToken(person)}` }
}

async function requireRegistration (app: FastifyInstance, { decorator = 'miro' }: TestGrant): Promise<Registration> {
  await app.ready()
  const miro = findRegistration(app, decorator)
  if (miro === null) throw new ConfigError('There is no registration of the Miro plugin under this decorator.')
  return miro
}

async function connect (miro: Registration, person: TestGrant): Promise<Connection> {
  const { userId, teamId, scopes = [], tokens = { accessToken: randomUUID() } } = person
  return miro.auth.connect({
    user_id: userId,
    team_id: teamId,
    scope: scopes.join(' '),
    token_type: 'bearer',
    access_token: tokens.accessToken,
    ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
    ...(tokens.expiresInMs === undefined ? {} : { expires_in: tokens.expiresInMs / 1000 })
  })
}
