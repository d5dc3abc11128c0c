import type { FastifyInstance } from 'fastify'
import type { Backend } from '../backend/backend.js'

/** The path of the measured route in each scenario. */
export const path = '/token'

/** The access token of each scenario, with the length of Miro's. */
export const accessToken = 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_0123456789abcdefghijklmnopqrstuv'

/** How many people are signed in: each connection of the load is one of them. */
export const people = 16

/** The answer of each scenario: it shows that the route had the token, and is the same for all. */
export interface Answer { length: number }

/** An app whose route is measured, and the `cookie` headers of the people who are signed in. */
export interface ScenarioApp {
  app: FastifyInstance
  cookies: string[]
}

/** One way to write the same route. */
export interface Scenario {
  title: string
  /** The scenario that this one is compared with, measured in the same round. */
  comparedWith: string
  /** Another measurement of the same as {@link comparedWith}: how far its ratio is from 1.00 is noise. */
  isControl?: boolean
  /** Builds the app, ready to listen. */
  build: (backend: Backend) => Promise<ScenarioApp>
}

/** Formats a `cookie` header. Its values need no escaping. */
export function toHeader (cookies: Record<string, string>): string {
  return Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
}
