import type { FastifyInstance } from 'fastify'
import type { AppMiro } from './app-miro.js'
import type { Mode, TestSignIn } from './mode/mode.js'

/** The key of a registration's {@link TestSignIn}: a symbol, so that `app.miro` shows no such member by name. */
export const testSignIn = Symbol('testSignIn')

/** One registration of the plugin: the `app.miro` that it decorates its host with. */
export type Registration = AppMiro & { readonly [testSignIn]: TestSignIn }

/** Makes a {@link Registration} of an `app.miro`. */
export function toRegistration (appMiro: AppMiro, mode: Mode): Registration {
  const value: TestSignIn = (connection, appUserId) => mode.signInForTest(connection, appUserId)
  return Object.defineProperty(appMiro, testSignIn, { value }) as Registration
}

/**
 * The registration that an instance has under a decorator; `null`: none, though another plugin may have that decorator.
 */
export function findRegistration (app: FastifyInstance, decorator: string): Registration | null {
  const found: unknown = app.hasDecorator(decorator) ? app.getDecorator(decorator) : null
  return isRegistration(found) ? found : null
}

function isRegistration (value: unknown): value is Registration {
  return typeof value === 'object' && value !== null && testSignIn in value
}
