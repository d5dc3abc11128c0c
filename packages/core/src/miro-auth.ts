import { storeAdopted, storeConnection, type Connection } from './connect/connect.js'
import { disconnectGrant } from './connect/disconnect.js'
import { withDeadline } from './deadline.js'
import { BadResponseError, ConfigError, ReauthorizeError, UnavailableError } from './errors.js'
import { EventSink } from './events.js'
import type { Grant, GrantRef } from './grant/grant.js'
import { toGrant } from './grant/grant-record.js'
import { GrantTable, type Seen } from './grant/grant-table.js'
import { grantTokens, type TokenParts } from './grant/grant-tokens.js'
import { Links } from './grant/links.js'
import { lifeOf, toTokenPair } from './grant/token-pair.js'
import { Lifetime } from './lifetime.js'
import { requireText, toSettings, type MiroAuthOptions } from './options.js'
import { Breaker } from './refresh/breaker.js'
import { Flights } from './refresh/flights.js'
import { claimToRequestMs } from './refresh/limits.js'
import { isInDoubt, reasonOf } from './refresh/next-step.js'
import { Refresher } from './refresh/refresher.js'
import { createMiroClient, type MiroClient } from './rest/client.js'
import { lazyTokens, type TokenSource } from './rest/token-source.js'
import { parseTokenContext, type TokenContext } from './rest/token-context.js'
import { guardedStore } from './store/guarded-store.js'
import type { Store } from './store/store.js'
import { parseJson } from './wire/lossless-json.js'
import { parseTokenAnswer } from './wire/token-answer.js'
import { TokenEndpoint } from './wire/token-endpoint.js'

/** Tokens that another library obtained, for {@link MiroAuth.adopt}. */
export interface AdoptedTokens {
  accessToken: string
  /** `null` for an app whose tokens do not expire. */
  refreshToken: string | null
  /** Epoch milliseconds; `null`: the token does not expire, or nobody wrote it down. */
  expiresAt: number | null
  appUserId?: string
}

/** A grant as one look at the store saw it. Opaque: hand it to {@link MiroAuth.client} to spare it the same look. */
export interface GrantSnapshot {
  /** The active grant; `null` where there is none. */
  readonly grant: Grant | null
  /** The consent of a grant that is or was accepted by Miro; `null` after a disconnect. */
  readonly consent: string | null
  /** Set when Miro refused the grant, or while its access token is over and its refresh token in doubt. */
  readonly reauthorize: ReauthorizeError | null
  /** Whether the access token is no longer usable, so that the next call will refresh it. */
  readonly isExpired: boolean
}

/** A grant to act for, with the conditions of {@link MiroAuth.client}. */
export interface FoundGrant {
  ref: GrantRef
  consent?: string
  snapshot?: GrantSnapshot
}

/** Everything around Miro grants that needs no web framework. */
export interface MiroAuth {
  /** The store, with every failure as MIRO_STORE. */
  readonly store: Store
  /**
   * Stores the grant of a code exchange, under the ids Miro sent, over whatever stood there.
   *
   * @param tokenAnswer Miro's answer as raw text (exact), or parsed
   * @param options.appUserId links the grant to this user of the app
   * @param options.sentAt when the exchange was sent, in epoch milliseconds: the tokens' life is counted from there. Default now
   * @throws {BadResponseError} no token answer, or one without exact ids; nothing is stored
   * @throws {StoreError | RecordError}
   * @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token
   */
  connect: (tokenAnswer: unknown, options?: { appUserId?: string, sentAt?: number }) => Promise<Connection>
  /**
   * Takes over tokens obtained elsewhere, after asking Miro's token context whose they are. Can be repeated: a grant that
   * is active already is only linked.
   *
   * @throws {ConfigError} a token or instant that cannot be one
   * @throws {ReauthorizeError} Miro refuses the access token: an expired one must be refreshed first
   * @throws {UnavailableError | BadResponseError | StoreError | RecordError}
   */
  adopt: (tokens: AdoptedTokens) => Promise<Connection>
  /** Links a grant to a user of the app, under the consent its connect gave. @throws {StoreError | RecordError} */
  link: (appUserId: string, connection: Pick<Connection, 'grant' | 'consent'>) => Promise<void>
  /** The active grants linked to a user of the app, newest link first. @throws {StoreError | RecordError} */
  grants: (appUserId: string) => Promise<Grant[]>
  /** One look at a grant. @throws {StoreError | RecordError} */
  look: (ref: GrantRef) => Promise<GrantSnapshot>
  /**
   * Returns an access token that is valid for at least the safety margin, refreshing first if it must.
   *
   * Callers with the same grant share one refresh, in this process and across processes that share the store.
   *
   * @throws {NotConnectedError} nothing is stored for `ref`
   * @throws {ReauthorizeError} Miro refused the grant; it is kept as a tombstone, or in doubt
   * @throws {UnavailableError} nobody answered before the caller's deadline; the grant is untouched
   * @throws {ConfigError | BadResponseError} the app or the way to Miro is set up wrongly; the grant is untouched
   * @throws {StoreError | RecordError | ClosedError}
   * @see https://developers.miro.com/reference/get-new-access-token-using-refresh-token
   */
  accessToken: (ref: GrantRef, options?: { signal?: AbortSignal }) => Promise<string>
  /**
   * A REST client that acts for a grant. Costs nothing until used.
   *
   * @param conditions.consent it works only while this is the grant's consent
   * @param conditions.snapshot spares the first look at the store
   */
  client: (ref: GrantRef, conditions?: { consent?: string, snapshot?: GrantSnapshot }) => MiroClient
  /**
   * The same client for a grant that is only found when the first call needs it, as in a web request.
   *
   * @param find asked before each use until it succeeds; what it throws, the call throws
   * @param onReauthorize told, and awaited, each time a call finds that Miro refused the grant
   */
  lazyClient: (find: () => Promise<FoundGrant>, onReauthorize?: (ref: GrantRef, error: ReauthorizeError) => Promise<void>) => MiroClient
  /**
   * Asks Miro for the names of a grant's user and team and stores them. Best effort: gives up after two seconds, and
   * returns the grant as it is then; `null` where there is none.
   */
  learnNames: (ref: GrantRef) => Promise<Grant | null>
  /**
   * Ends a grant: from the moment this resolves nobody gets a token of it. Then has Miro revoke the pair.
   *
   * @returns whether Miro confirmed within the caller's deadline that the pair is dead
   * @throws {StoreError | RecordError}
   * @see https://developers.miro.com/reference/revoke-token-v2
   */
  disconnect: (ref: GrantRef) => Promise<{ revoked: boolean }>
  /** Begins nothing new, and resolves when every request that was sent is answered and stored. */
  close: () => Promise<void>
}

const namesMs = 2000

/**
 * Makes the core of an app that acts in Miro for its users.
 *
 * @throws {ConfigError} a wrong option, by name
 */
export function createMiroAuth (options: MiroAuthOptions): MiroAuth {
  const settings = toSettings(options)
  const { clientId, clock, limits } = settings
  const lifetime = new Lifetime()
  const store = guardedStore(settings.store, { clock, ms: claimToRequestMs(limits) })
  const table = new GrantTable(store, clientId)
  const links = new Links(store, clientId)
  const events = new EventSink(settings.onEvent, settings)
  const breaker = new Breaker((isOpen) => events.emit({ type: isOpen ? 'breaker_opened' : 'breaker_closed' }))
  const endpoint = new TokenEndpoint(settings, { fetch: settings.fetch, clock, timeoutMs: limits.requestMs })
  const refresher = new Refresher({ table, endpoint, breaker, events, clock, limits, lifetime })
  const parts: TokenParts = { table, refresher, endpoint, events, clock, confirming: new Flights(lifetime), callerMs: limits.callerMs }

  async function finishConnect (connection: Connection, appUserId: string | undefined): Promise<Connection> {
    refresher.forget(connection.grant)
    events.emit({ type: 'connected', grant: events.fingerprint(connection.grant), replaced: connection.replaced })
    if (appUserId !== undefined) await link(appUserId, connection)
    return connection
  }

  const link: MiroAuth['link'] = (appUserId, { grant, consent }) =>
    links.add(appUserId, { userId: grant.userId, teamId: grant.teamId, consent })

  async function contextOf (accessToken: string): Promise<TokenContext> {
    const raw = await endpoint.context(accessToken)
    if (raw.kind !== 'answer' || raw.status === 429 || raw.status >= 500) throw new UnavailableError()
    if (raw.status === 400 || raw.status === 401) throw new ReauthorizeError('refused')
    if (raw.status !== 200) throw new BadResponseError(raw.status)
    return parseTokenContext(parseQuietly(raw.body))
  }

  async function isAlive (accessToken: string): Promise<boolean> {
    return contextOf(accessToken).then(() => true, (error: unknown) => {
      if (error instanceof ReauthorizeError) return false
      throw error
    })
  }

  function tokensOf ({ ref, consent, snapshot }: FoundGrant): TokenSource {
    return grantTokens(parts, ref, { consent, seen: snapshot instanceof Look ? snapshot.seen : undefined })
  }

  function clientOver (tokens: TokenSource): MiroClient {
    return createMiroClient({ apiUrl: settings.apiUrl, fetch: settings.fetch, clock, tokens })
  }

  return {
    store,
    link,

    async connect (tokenAnswer, { appUserId, sentAt = clock.now() } = {}) {
      const answer = parseTokenAnswer(tokenAnswer)
      if (answer === null || answer.userId === null || answer.teamId === null) throw new BadResponseError()
      const { userId, teamId, scopes } = answer
      const grant = { clientId, userId, teamId, scopes: scopes ?? [], pair: toTokenPair(answer, sentAt), connectedAt: clock.now() }
      const connection = await storeConnection(table, grant, { clock, patienceMs: limits.callerMs })
      // Only an app with the right secret gets an answer to a code.
      breaker.proved(sentAt)
      return finishConnect(connection, appUserId)
    },

    async adopt (tokens) {
      const { accessToken, refreshToken, expiresAt, appUserId } = requireTokens(tokens)
      const { userId, teamId, scopes, userName, teamName } = await contextOf(accessToken)
      const now = clock.now()
      // Where nobody wrote down when a refreshable pair ends, refresh it at the first use.
      const pair = { accessToken, refreshToken, issuedAt: now, expiresAt: expiresAt ?? (refreshToken === null ? null : now) }
      const names = { ...(userName === null ? {} : { userName }), ...(teamName === null ? {} : { teamName }) }
      const grant = { clientId, userId, teamId, scopes, pair, connectedAt: now, ...names }
      return finishConnect(await storeAdopted(table, grant, () => isAlive(accessToken)), appUserId)
    },

    async grants (appUserId) {
      const found = await Promise.all((await links.list(appUserId)).map(async ({ consent, ...ref }) => {
        const { record } = await table.read(ref)
        return record?.status === 'active' && record.consent === consent ? [toGrant(record)] : []
      }))
      return found.flat().reverse()
    },

    async look (ref) {
      return new Look(await table.read(ref), clock.now())
    },

    accessToken: (ref, { signal } = {}) => grantTokens(parts, ref).accessToken(signal),

    client: (ref, conditions) => clientOver(tokensOf({ ref, ...conditions })),

    lazyClient (find, onReauthorize = async () => {}) {
      return clientOver(lazyTokens(async () => {
        const found = await find()
        return { ref: found.ref, tokens: tokensOf(found) }
      }, onReauthorize))
    },

    async learnNames (ref) {
      const seen = await table.read(ref)
      const { record } = seen
      if (record?.status !== 'active') return null
      const context = await withDeadline(contextOf(record.pair.accessToken), { clock, ms: namesMs, late: () => new UnavailableError() }).catch(() => null)
      // The names are told only of the grant that was asked about.
      if (context === null || context.userId !== ref.userId || context.teamId !== ref.teamId) return toGrant(record)
      const { userName, teamName } = context
      const named = { ...record, ...(userName === null ? {} : { userName }), ...(teamName === null ? {} : { teamName }) }
      const written = await table.replace(ref, seen, named, clock.now())
      return toGrant(written.ok ? named : record)
    },

    async disconnect (ref) {
      const result = await disconnectGrant({ table, endpoint, clock, limits, lifetime }, { clientId, ...ref })
      refresher.forget(ref)
      events.emit({ type: 'disconnected', grant: events.fingerprint(ref), revoked: result.revoked })
      return result
    },

    close: () => lifetime.close(clock, limits.requestMs)
  }
}

/** The snapshot's own side: what was seen stays private, for it holds the tokens. */
class Look implements GrantSnapshot {
  readonly #seen: Seen
  readonly #now: number

  constructor (seen: Seen, now: number) {
    this.#seen = seen
    this.#now = now
  }

  get seen (): Seen {
    return this.#seen
  }

  get grant (): Grant | null {
    const { record } = this.#seen
    return record?.status === 'active' ? toGrant(record) : null
  }

  get consent (): string | null {
    const { record } = this.#seen
    return record === null || record.status === 'disconnected' ? null : record.consent
  }

  get reauthorize (): ReauthorizeError | null {
    const { record } = this.#seen
    if (record?.status === 'rejected') return new ReauthorizeError(record.reason)
    return this.isExpired && record?.status === 'active' && isInDoubt(record, this.#now)
      ? new ReauthorizeError(reasonOf(record.answerLost, 'suspect'))
      : null
  }

  get isExpired (): boolean {
    const { record } = this.#seen
    return record?.status === 'active' && lifeOf(record.pair, this.#now) === 'expired'
  }
}

function requireTokens (tokens: AdoptedTokens): AdoptedTokens {
  requireText('accessToken', tokens.accessToken)
  if (tokens.refreshToken !== null) requireText('refreshToken', tokens.refreshToken)
  if (tokens.expiresAt !== null && !Number.isFinite(tokens.expiresAt)) throw new ConfigError('The option expiresAt must be epoch milliseconds, or null.')
  return tokens
}

function parseQuietly (text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
