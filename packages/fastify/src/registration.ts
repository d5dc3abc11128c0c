import type { FastifyInstance } from 'fastify'
import type { AppMiro } from './app-miro.js'
import type { TestSignIn } from './mode/mode.js'

/** The key of a registration's {@link TestSignIn}: a symbol, so that `app.miro` shows no such member by name. */
export const testSignIn = Symbol('testSignIn')

/** The registration of the plugin that an instance has under a decorator. `null`: none, though something else may be there. */
export function findRegistration (app: FastifyInstance, decorator: string): AppMiro & { [testSignIn]: TestSignIn } | null {
  const found: unknown = app.hasDecorator(decorator) ? app.getDecorator(decorator) : null
  return isRegistration(found) ? found : null
}

function isRegistration (value: unknown): value is AppMiro & { [testSignIn]: TestSignIn } {
  return typeof value === 'object' && value !== null && testSignIn in value
}
