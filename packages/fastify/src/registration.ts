import type { Connection, GrantRef } from '@miro-oauth/core'
import type { FastifyInstance } from 'fastify'
import type { AppMiro } from './app-miro.js'
import type { Mode, TestSignIn } from './mode/mode.js'
import type { Settings } from './settings.js'

/** The key of a registration's {@link TestSigns}: a symbol, so that `app.miro` shows no such member by name. */
export const testSigns = Symbol('testSigns')

/** What signs people in without Miro and without a browser. */
export interface TestSigns {
  signIn: TestSignIn
  /** An id token such as Miro's Web SDK gives the panel of a person, for five minutes. */
  idToken: (ref: GrantRef) => Promise<string>
}

/** One registration of the plugin: the `app.miro` that it decorates its host with. */
export type Registration = AppMiro & { readonly [testSigns]: TestSigns }

export function createTestSigns ({ clientId, clientSecret, clock }: Settings, mode: Mode): TestSigns {
  return {
    signIn: (connection: Connection, appUserId) => mode.signInForTest(connection, appUserId),
    idToken: async ({ userId, teamId }) => {
      const { SignJWT } = await import('jose/jwt/sign')
      const now = Math.floor(clock.now() / 1000)
      return new SignJWT({ user: userId, team: teamId, sub: clientId, iss: 'miro', iat: now, exp: now + 300 })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .sign(new TextEncoder().encode(clientSecret))
    }
  }
}

/** Makes a {@link Registration} of an `app.miro`. */
export function toRegistration (appMiro: AppMiro, value: TestSigns): Registration {
  return Object.defineProperty(appMiro, testSigns, { value }) as Registration
}

/**
 * The registration that an instance has under a decorator; `null`: none, though another plugin may have that decorator.
 */
export function findRegistration (app: FastifyInstance, decorator: string): Registration | null {
  const found: unknown = app.hasDecorator(decorator) ? app.getDecorator(decorator) : null
  return isRegistration(found) ? found : null
}

function isRegistration (value: unknown): value is Registration {
  return typeof value === 'object' && value !== null && testSigns in value
}
