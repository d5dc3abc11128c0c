import type { Store } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'

/** Where every scenario has its route. */
export const path = '/token'

/** The access token that every scenario ends up with, as long as Miro's are. */
export const accessToken = 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_0123456789abcdefghijklmnopqrstuv'

/** What every scenario answers: proof that it had the token, and the same bytes for all. */
export interface Answer { length: number }

/** An app whose route is measured, and what somebody whom it knows sends as `cookie`. */
export interface Visited {
  app: FastifyInstance
  cookie: string
}

/** One way to write the same route. */
export interface Scenario {
  title: string
  /** The scenario that it is held against, measured in the same round. */
  beside: string
  /** Makes the app, ready to listen. What it stores of Miro goes into `store`. */
  build: (store: Store) => Promise<Visited>
}

/** Cookies as a header. Their values need no escaping. */
export function toHeader (cookies: Record<string, string>): string {
  return Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
}
