import { buildAlone, buildHost } from './host.js'
import { buildChosen, buildConnect, buildRequired, buildSignIn, buildUnused } from './miro.js'
import { buildOAuth2Session } from './oauth2-session.js'
import type { Scenario } from './scenario.js'

/** What the others are held against. */
export const baseline = 'cookie'
/** The same for a route that does not look who asks. */
const bareBaseline = 'alone'

/** Everything that is measured, by the name it has on the command line. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  [baseline]: { title: 'Fastify, @fastify/cookie, a Map of sessions', beside: baseline, build: buildHost },
  'oauth2-session': { title: '@fastify/oauth2 and @fastify/session', beside: baseline, build: buildOAuth2Session },
  'sign-in': { title: 'Miro plugin: request.miro.accessToken()', beside: baseline, build: buildSignIn },
  required: { title: '  behind requireGrant', beside: baseline, build: buildRequired },
  chosen: { title: '  with the option grant', beside: baseline, build: buildChosen },
  connect: { title: '  with appUserId, over the first row\'s sessions', beside: baseline, build: buildConnect },
  [bareBaseline]: { title: 'Fastify alone, which does not look who asks', beside: baseline, build: buildAlone },
  unused: { title: '  beside it: with the Miro plugin, not asked', beside: bareBaseline, build: buildUnused }
}
