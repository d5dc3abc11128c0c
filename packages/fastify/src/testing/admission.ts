import type { Connection } from '@miro-oauth/core'
import type { FastifyInstance } from 'fastify'
import type { AppMiro } from '../app-miro.js'

/** Signs somebody in without a browser. Returns the cookies that say so. */
export type Admission = (connection: Connection, appUserId: string | null) => Promise<Record<string, string>>

/** Where the plugin keeps its {@link Admission} on `app.miro`: reachable for code in this process that asks for it, and for nobody by name. */
export const admission = Symbol('admission')

/** The registration of the plugin that an instance has under a decorator. `null`: none, though something else may be there. */
export function findRegistration (app: FastifyInstance, decorator: string): AppMiro & { [admission]: Admission } | null {
  const found: unknown = app.hasDecorator(decorator) ? app.getDecorator(decorator) : null
  return isRegistration(found) ? found : null
}

function isRegistration (value: unknown): value is AppMiro & { [admission]: Admission } {
  return typeof value === 'object' && value !== null && admission in value
}
