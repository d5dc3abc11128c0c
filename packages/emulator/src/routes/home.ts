import type { FastifyInstance } from 'fastify'
import { toAppFormLink } from '../pages/app-form-link.js'
import { describeOffset } from '../pages/clock-offset.js'
import type { Miro } from '../miro.js'
import { toInstallLink } from '../oauth/install-link.js'
import { isCrossSite, type PageData, sendPage } from '../pages/pages.js'
import { defaultClientSecret } from '../seed/default-seed.js'
import type { IdTokenSettings } from '../sdk/id-token-settings.js'
import { isForm, readBody } from '../wire/parameters.js'

const hourMs = 60 * 60_000
const shownRequests = 25
const shownBoards = 25

/** The emulator's own page, which Miro does not have: its settings and people, the latest requests, and the clocks. */
export function registerHome (server: FastifyInstance, miro: Miro): void {
  server.get('/', (_request, reply) => sendPage(reply, { name: 'home', title: 'Miro emulator', data: toHome(miro) }))

  server.post('/emulator/clock', (request, reply) => {
    const clock = chooseClock(miro, isForm(request) ? readBody(request) : '')
    if (isCrossSite(request) || clock === undefined) {
      const title = 'Time was left alone'
      const message = 'Use the buttons of the emulator’s page.'
      return sendPage(reply, { name: 'failure', title, status: 400, data: { title, message } })
    }
    clock.advance(hourMs)
    return reply.redirect('/', 303)
  })
}

function chooseClock (miro: Miro, form: string) {
  const passesFor = new URLSearchParams(form).get('passes_for')
  if (passesFor === 'both') return miro.clock
  return passesFor === 'miro' ? miro.miroClock : undefined
}

function toHome (miro: Miro): PageData['home'] {
  const { state, tokens, clock, miroClock } = miro
  return {
    appFormLink: toAppFormLink(miro.app),
    boards: state.boards.list().slice(0, shownBoards).map(({ id, name, teamId }) => ({
      name,
      teamName: miro.directory.team(teamId)?.name ?? '',
      link: `/app/board/${id}`
    })),
    facts: toFacts(miro),
    people: miro.directory.memberships().map(({ user, team }) => ({
      userName: user.name,
      userId: user.id,
      teamName: team.name,
      teamId: team.id,
      installed: state.installations.has(user.id, team.id),
      installLink: toInstallLink(miro.app, { userId: user.id, teamId: team.id })
    })),
    installations: state.installations.count,
    livePairs: tokens.countLive(miro.now()),
    clocks: {
      app: describeOffset(clock.advancedMs()),
      miro: describeOffset(clock.advancedMs() + miroClock.advancedMs())
    },
    requests: latestRequests(miro)
  }
}

function toFacts ({ url, app, settings }: Miro): PageData['home']['facts'] {
  return [
    { name: 'Authorize page', values: [`${url}/oauth/authorize`] },
    { name: 'API', values: [url] },
    { name: 'App', values: [app.name] },
    { name: 'Client id', values: [app.clientId] },
    { name: 'Client secret', values: [describeSecret(app.clientSecret)] },
    { name: 'Redirect URIs', values: app.redirectUris },
    { name: 'Page on the board (sdkUri)', values: [app.sdkUri ?? 'none'] },
    { name: 'Redirect URI for the SDK', values: [app.redirectUriForSdk ?? 'none'] },
    { name: 'Scopes', values: app.scopes },
    { name: 'Tokens', values: [app.expiring ? 'Expire after an hour' : 'Do not expire'] },
    { name: 'Ids in token answers', values: [settings.ids === 'text' ? 'Text' : 'Bare 64-bit numbers'] },
    { name: 'Refusals', values: [settings.refusals] },
    { name: 'PKCE', values: [settings.pkce] },
    { name: 'The authorize page’s opener', values: [settings.authorizeOpener] },
    { name: 'Id tokens', values: [describeIdTokens(settings.idToken)] },
    { name: 'Reuse of a refresh token', values: [settings.rules.reuse] },
    { name: 'A second connect', values: [settings.rules.reconnect] },
    { name: 'A revocation ends the', values: [settings.rules.revoke] }
  ]
}

/** A secret that was given may be that of an app at Miro, and any caller can open this page. */
function describeSecret (clientSecret: string): string {
  return clientSecret === defaultClientSecret ? clientSecret : 'the one that was given, not shown here'
}

function describeIdTokens ({ lifetimeSeconds, ids, issuer }: IdTokenSettings): string {
  const shownIds = ids === 'text' ? 'ids as text' : 'ids as bare numbers'
  return [`${lifetimeSeconds} seconds`, shownIds, issuer === null ? 'no iss' : `iss ${issuer}`].join(', ')
}

/** The newest first. */
function latestRequests ({ log }: Miro): PageData['home']['requests'] {
  const latest = log.entries.slice(-shownRequests).reverse()
  return latest.map((entry) => ({ ...entry, note: (entry.note ?? []).join(', ') }))
}
