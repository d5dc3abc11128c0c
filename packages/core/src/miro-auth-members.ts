import { adoptTokens } from './connect/adopt.js'
import { confirmGrant } from './connect/confirm.js'
import { connectGrant, type Connection } from './connect/connect.js'
import { disconnectGrant, requireEndOptions } from './connect/disconnect.js'
import { exchangeCode, requireCodeVerifier } from './connect/exchange-code.js'
import { forgetAppUser, forgetGrant } from './connect/forget.js'
import { unlinkGrant } from './connect/unlink.js'
import type { ReauthorizeReason } from './errors.js'
import { allGrants } from './grant/all-grants.js'
import { toGrant } from './grant/grant-record.js'
import { toGrantStatus } from './grant/grant-status.js'
import type { StoredGrant } from './grant/grant-table.js'
import { linkGrant } from './grant/linking.js'
import type { Link, Links } from './grant/links.js'
import { requireId, requireRef } from './grant/require-ref.js'
import { Snapshot } from './grant/snapshot.js'
import type { FoundGrant, MiroAuth } from './miro-auth.js'
import { requireKnownOf, requireText } from './option-checks.js'
import type { MiroAuthSettings } from './options.js'
import { randomPart } from './random-part.js'
import { AccessTokens, type AccessTokenParts } from './refresh/access-tokens.js'
import type { RefreshContext } from './refresh/refresh-context.js'
import type { Refresher } from './refresh/refresher.js'
import { createClient, type MiroClient } from './rest/client.js'
import { RateLimits } from './rest/limits/rate-limits.js'
import { LazyTokens, type TokenSource } from './rest/token-source.js'
import { parseTokenAnswer } from './wire/token-answer.js'

const exchangeOptions = { redirectUri: true, appUserId: true, codeVerifier: true, provisional: true }
const adoptedTokens = { accessToken: true, refreshToken: true, expiresAt: true, appUserId: true }

/** How grants come in, and are linked. */
export function connectMembers (context: RefreshContext): Pick<MiroAuth, 'connect' | 'exchange' | 'adopt' | 'link' | 'confirm'> {
  const { clock, unsaved, events, shutdown } = context

  async function link (appUserId: string, { grant, consentId }: Pick<Connection, 'grant' | 'consentId'>): Promise<boolean> {
    return shutdown.track(linkGrant(context, requireId('appUserId', appUserId), { ...requireRef(grant), consentId }))
  }

  async function finish (connecting: Promise<Connection>, appUserId: string | undefined): Promise<Connection> {
    const connection = await connecting
    unsaved.drop(connection.grant)
    events.emitFor(connection.grant, { type: 'connected', replaced: connection.replaced })
    if (appUserId !== undefined) await link(appUserId, connection)
    return connection
  }

  return {
    link,
    confirm: async ({ grant, consentId }) => shutdown.track(confirmGrant(context.table, requireRef(grant), consentId)),

    async connect (tokenAnswer, options = {}) {
      requireKnownOf('connect', options, { appUserId: true, sentAt: true })
      const { appUserId, sentAt = clock.now() } = options
      if (appUserId !== undefined) requireId('appUserId', appUserId)
      const connecting = connectGrant(context, parseTokenAnswer(tokenAnswer), { sentAt, appUserId })
      return shutdown.track(finish(connecting, appUserId))
    },

    async exchange (code, options) {
      // Nothing at all is no options, where one is required.
      requireKnownOf('exchange', options ?? null, exchangeOptions)
      const { redirectUri, appUserId, codeVerifier, provisional: isProvisional } = options
      if (appUserId !== undefined) requireId('appUserId', appUserId)
      requireId('code', code)
      requireText('redirectUri', redirectUri)
      if (codeVerifier !== undefined) requireCodeVerifier(codeVerifier)
      const connecting = exchangeCode(context, { code, redirectUri, codeVerifier })
        .then(({ answer, sentAt }) => connectGrant(context, answer, { sentAt, appUserId, isProvisional }))
      return shutdown.track(finish(connecting, appUserId))
    },

    async adopt (tokens) {
      requireKnownOf('adopt', tokens ?? null, adoptedTokens)
      if (tokens.appUserId !== undefined) requireId('appUserId', tokens.appUserId)
      return shutdown.track(finish(adoptTokens(context, tokens), tokens.appUserId))
    }
  }
}

/** What is stored of grants and links. */
export function readMembers (
  { table, links, clock, clientId }: RefreshContext, refresher: Refresher
): Pick<MiroAuth, 'links' | 'grants' | 'snapshot' | 'status' | 'allGrants'> {
  const reasonToShow = (stored: StoredGrant): ReauthorizeReason | null => refresher.reasonToShow(stored, clock.now())

  return {
    links: async (appUserId) => links.list(requireId('appUserId', appUserId)),

    async grants (appUserId) {
      return mapLinks(links, appUserId, async ({ consentId, ...ref }) => {
        const { record } = await table.read(ref)
        return record?.status === 'active' && record.consentId === consentId ? toGrant(record) : null
      })
    },

    async snapshot (ref) {
      const stored = await table.read(requireRef(ref))
      const now = clock.now()
      return new Snapshot(stored, { now, reason: refresher.reauthorizeReason(stored, now) })
    },

    async status (appUserId, options = {}) {
      requireKnownOf('status', options, { requiredScopes: true })
      const { requiredScopes = [] } = options
      return mapLinks(links, appUserId, async ({ consentId, ...ref }) => {
        const stored = await table.read(ref)
        const current = new Snapshot(stored, { now: clock.now(), reason: reasonToShow(stored) })
        return current.consentId === consentId ? toGrantStatus(current, requiredScopes) : null
      })
    },

    allGrants: async (options) => allGrants({ table, clientId, reasonOf: reasonToShow }, options)
  }
}

/** What is read for each link of an app user, newest first; `null`: the link is void. */
async function mapLinks<T> (links: Links, appUserId: string, read: (link: Link) => Promise<T | null>): Promise<T[]> {
  const found = await Promise.all((await links.list(requireId('appUserId', appUserId))).map(read))
  return found.filter((value) => value !== null)
}

/** Tokens and clients. */
export function clientMembers (
  parts: AccessTokenParts, { apiUrl, fetch, clock, apiLimits: limits }: MiroAuthSettings
): Pick<MiroAuth, 'accessToken' | 'client' | 'clientsOf' | 'lazyClient'> {
  const { links, table, events, shutdown: { closing } } = parts.context
  const jitter = randomPart
  const rateLimits = new RateLimits({ clock, jitter, events, closing })

  function tokensOf ({ ref, consentId, snapshot }: FoundGrant): TokenSource {
    return new AccessTokens(parts, ref, { consentId, stored: Snapshot.storedIn(snapshot) })
  }

  function clientOver (tokens: TokenSource): MiroClient {
    return createClient({ apiUrl, fetch, clock, limits, tokens, jitter, rateLimits, closing })
  }

  return {
    accessToken: async (ref, { signal } = {}) => new AccessTokens(parts, requireRef(ref)).accessToken(signal),
    async clientsOf (appUserId) {
      return mapLinks(links, appUserId, async ({ consentId, ...ref }) => {
        const { record } = await table.read(ref)
        const isActive = record?.status === 'active' && record.consentId === consentId
        return isActive ? { ref, client: clientOver(tokensOf({ ref, consentId })) } : null
      })
    },
    client (ref, conditions) {
      requireKnownOf('client', conditions, { consentId: true, snapshot: true })
      return clientOver(tokensOf({ ...conditions, ref: requireRef(ref) }))
    },
    lazyClient: (find, onReauthorize = async () => {}) => clientOver(new LazyTokens({ find, tokensOf, onReauthorize }))
  }
}

/** How grants end, for all or for one user of the app. */
export function endMembers (context: RefreshContext): Pick<MiroAuth, 'disconnect' | 'unlink' | 'forget' | 'forgetGrant'> {
  const { shutdown } = context
  return {
    async disconnect (ref, conditions) {
      return shutdown.track(disconnectGrant(context, requireRef(ref), requireEndOptions(conditions)))
    },
    async unlink (appUserId, ref, conditions) {
      requireKnownOf('unlink', conditions, { consentId: true })
      return shutdown.track(unlinkGrant(context, requireId('appUserId', appUserId), requireRef(ref), conditions))
    },
    forget: async (appUserId) => shutdown.track(forgetAppUser(context, requireId('appUserId', appUserId))),
    forgetGrant: async (ref) => shutdown.track(forgetGrant(context, requireRef(ref)))
  }
}
