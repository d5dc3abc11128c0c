import type { BackendKind } from '../backend/backend-kind.js'
import { buildAlone, buildHost, buildReader } from './host.js'
import { buildChosen, buildConnect, buildRequired, buildSignIn, buildUnused } from './miro.js'
import { buildOAuth2Session } from './peers.js'
import type { Scenario } from './scenario.js'
import { buildSecureSession } from './secure-session.js'

/** The scenarios of one backend by name: the first is the one that the others are compared with. */
type Scenarios = Readonly<Record<string, Scenario>>

const memory: Scenarios = {
  cookie: { title: 'Fastify, @fastify/cookie, a Map of sessions', comparedWith: 'cookie', build: buildHost },
  'cookie-again': { title: 'the first row again', comparedWith: 'cookie', isControl: true, build: buildHost },
  'secure-session': { title: '@fastify/secure-session', comparedWith: 'cookie', build: buildSecureSession },
  'session-quiet': {
    title: '@fastify/oauth2 and @fastify/session, `rolling: false`',
    comparedWith: 'cookie',
    build: (backend) => buildOAuth2Session(backend, { rolling: false })
  },
  session: { title: '@fastify/oauth2 and @fastify/session', comparedWith: 'cookie', build: buildOAuth2Session },
  'sign-in': { title: 'Miro plugin: `request.miro.accessToken()`', comparedWith: 'cookie', build: buildSignIn },
  required: { title: 'Miro plugin: behind `requireGrant`', comparedWith: 'cookie', build: buildRequired },
  chosen: { title: 'Miro plugin: with the option `grant`', comparedWith: 'cookie', build: buildChosen },
  connect: { title: 'Miro plugin: with `appUserId`, over the first row\'s sessions', comparedWith: 'cookie', build: buildConnect },
  alone: { title: 'Fastify alone, without sessions', comparedWith: 'cookie', build: buildAlone },
  'alone-again': { title: 'Fastify alone again, of Fastify alone', comparedWith: 'alone', isControl: true, build: buildAlone },
  unused: { title: 'Miro plugin, unused, of Fastify alone', comparedWith: 'alone', build: buildUnused }
}

/** The rows for a server: `read` is what one read of it is called there. */
function onServer (read: string): Scenarios {
  return {
    'one-read': { title: `Fastify, @fastify/cookie, one ${read}`, comparedWith: 'one-read', build: (backend) => buildReader(backend) },
    'one-read-again': { title: 'the first row again', comparedWith: 'one-read', isControl: true, build: (backend) => buildReader(backend) },
    'two-reads': { title: `the same with two ${read}s at once`, comparedWith: 'one-read', build: (backend) => buildReader(backend, { reads: 2 }) },
    'session-quiet': {
      title: '@fastify/oauth2 and @fastify/session, `rolling: false`',
      comparedWith: 'one-read',
      build: (backend) => buildOAuth2Session(backend, { rolling: false })
    },
    session: { title: '@fastify/oauth2 and @fastify/session', comparedWith: 'one-read', build: buildOAuth2Session },
    'sign-in': { title: 'Miro plugin: `request.miro.accessToken()`', comparedWith: 'one-read', build: buildSignIn },
    connect: { title: 'Miro plugin: with `appUserId`, over sessions in a Map', comparedWith: 'one-read', build: buildConnect }
  }
}

const postgres: Scenarios = {
  ...onServer('SELECT'),
  'prepared-read': {
    title: 'one SELECT by a prepared statement',
    comparedWith: 'one-read',
    build: (backend) => buildReader(backend, { isPrepared: true })
  }
}

/** All scenarios, by backend and name. */
export const scenarios: Readonly<Partial<Record<BackendKind, Scenarios>>> = { memory, redis: onServer('GET'), postgres }

/** @throws {Error} there is none of that name */
export function scenarioOf (kind: BackendKind, name: string): Scenario {
  const scenario = scenarios[kind]?.[name]
  if (scenario === undefined) throw new Error(`There is no scenario ${name} for ${kind}.`)
  return scenario
}
