import { buildAlone, buildHost } from './host.js'
import { buildChosen, buildConnect, buildRequired, buildSignIn, buildUnused } from './miro.js'
import { buildOAuth2Session } from './oauth2-session.js'
import type { Scenario } from './scenario.js'

/** The scenario that the others are compared with. */
export const baseline = 'cookie'
/** The scenario that a route without sessions is compared with. */
const bareBaseline = 'alone'

/** All scenarios, by their names on the command line. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  [baseline]: { title: 'Fastify, @fastify/cookie, a Map of sessions', comparedWith: baseline, build: buildHost },
  'oauth2-session': {
    title: '@fastify/oauth2 and @fastify/session',
    comparedWith: baseline,
    build: buildOAuth2Session
  },
  'sign-in': { title: 'Miro plugin: request.miro.accessToken()', comparedWith: baseline, build: buildSignIn },
  required: { title: '  behind requireGrant', comparedWith: baseline, build: buildRequired },
  chosen: { title: '  with the option grant', comparedWith: baseline, build: buildChosen },
  connect: { title: '  with appUserId, over the first row\'s sessions', comparedWith: baseline, build: buildConnect },
  [bareBaseline]: { title: 'Fastify alone, without sessions', comparedWith: baseline, build: buildAlone },
  unused: { title: '  compared with it: with the Miro plugin, unused', comparedWith: bareBaseline, build: buildUnused }
}
