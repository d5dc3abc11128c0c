import type { Store } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'

/** The path of the measured route in each scenario. */
export const path = '/token'

/** The access token of each scenario, with the length of Miro's. */
export const accessToken = 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_0123456789abcdefghijklmnopqrstuv'

/** The answer of each scenario: it shows that the route had the token, and is the same for all. */
export interface Answer { length: number }

/** An app whose route is measured, and the `cookie` header of a person who is signed in. */
export interface ScenarioApp {
  app: FastifyInstance
  cookie: string
}

/** One way to write the same route. */
export interface Scenario {
  title: string
  /** The scenario that this one is compared with, measured in the same round. */
  comparedWith: string
  /** Builds the app, ready to listen. The Miro plugin uses `store`. */
  build: (store: Store) => Promise<ScenarioApp>
}

/** Formats a `cookie` header. Its values need no escaping. */
export function toHeader (cookies: Record<string, string>): string {
  return Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
}
