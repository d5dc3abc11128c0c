import type { AdoptedTokens } from './connect/adopt.js'
import type { AuthorizeRequest } from './connect/authorize-url.js'
import type { Connection } from './connect/connect.js'
import type { Disconnection } from './connect/disconnect.js'
import type { Forgotten } from './connect/forget.js'
import type { Unlinking } from './connect/unlink.js'
import type { ReauthorizeError } from './errors.js'
import type { AllGrantsOptions, GrantPage } from './grant/all-grants.js'
import type { Grant, GrantRef } from './grant/grant.js'
import type { GrantStatus } from './grant/grant-status.js'
import type { Link } from './grant/links.js'
import type { GrantSnapshot } from './grant/snapshot.js'
import type { IdToken } from './id-token/verify-id-token.js'
import type { RefreshDueOptions } from './refresh/refresh-due-options.js'
import type { RefreshDueResult } from './refresh/refresh-due.js'
import type { MiroClient } from './rest/client.js'
import type { Store } from './store/store.js'

/** A grant to act for, with the conditions of {@link MiroAuth.client}. */
export interface FoundGrant {
  /** The grant. */
  ref: GrantRef
  /** The client works only while this is the grant's consent id. Default: whichever it has. */
  consentId?: string | undefined
  /** Spares the client its first read of the store. */
  snapshot?: GrantSnapshot | undefined
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
   * @param options.sentAt when the exchange was sent, in epoch milliseconds: the tokens' life is counted from there.
   *   Default now
   * @throws {BadResponseError} no token answer, or one without exact ids; nothing is stored
   * @throws {ConfigError} an option that is not known
   * @throws {StoreError | RecordError}
   * @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token
   */
  connect: (tokenAnswer: unknown, options?: {
    appUserId?: string | undefined
    sentAt?: number | undefined
  }) => Promise<Connection>
  /**
   * Miro's page where a person grants access: send their browser there, and exchange the `code` that comes back. The
   * plugin for Fastify does all of that.
   *
   * @throws {ConfigError} a part of the request that cannot be one
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
   */
  authorizeUrl: (request: AuthorizeRequest) => string
  /**
   * Exchanges an authorization code, and stores the grant like {@link MiroAuth.connect}.
   *
   * @param options.redirectUri the one of the authorization request, to the letter
   * @param options.codeVerifier whose `code_challenge` the authorization request carried (PKCE): 43 to 128 characters
   *   of `A-Z a-z 0-9 - . _ ~`. Miro documents no PKCE
   * @param options.provisional whether its person may come in is decided later, by `link` or `confirm`: until then the
   *   grant's snapshot says `isProvisional`. A grant that is active already, and not provisional, stays so. Default
   *   `false`
   * @throws {CodeRejectedError} Miro refused the code
   * @throws {UnavailableError} no answer in time; a code works once, so the person must start again
   * @throws {ConfigError} the client secret or the redirect URI is wrong; nothing was sent for a wrong option
   * @throws {BadResponseError | StoreError | RecordError}
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
   */
  exchange: (code: string, options: {
    redirectUri: string
    appUserId?: string | undefined
    codeVerifier?: string | undefined
    provisional?: boolean | undefined
  }) => Promise<Connection>
  /**
   * Takes over tokens obtained elsewhere, after asking Miro's token context whose they are. Can be repeated: a grant
   * that is active already is only linked.
   *
   * @throws {ConfigError} a token or instant that cannot be one
   * @throws {ReauthorizeError} Miro refuses the access token (`reason: 'access_token'`): an expired one must be
   *   refreshed first
   * @throws {UnavailableError | BadResponseError | StoreError | RecordError}
   */
  adopt: (tokens: AdoptedTokens) => Promise<Connection>
  /**
   * Links a grant to a user of the app, under the consent id its connect gave. Links nothing where that consent is
   * over: the grant has ended, or was connected anew after that.
   *
   * @returns whether it is linked
   * @throws {StoreError | RecordError}
   */
  link: (appUserId: string, connection: Pick<Connection, 'grant' | 'consentId'>) => Promise<boolean>
  /**
   * Notes that the person of a provisional grant may come in, where no user of the app is linked to it: a link notes
   * the same.
   *
   * @returns `false`: the grant has ended, or was connected anew since
   * @throws {StoreError | RecordError}
   */
  confirm: (connection: Pick<Connection, 'grant' | 'consentId'>) => Promise<boolean>
  /**
   * Every link of a user of the app, newest first. An index and no authority: a link is void where its consent id is
   * not the grant's, so read the grant's `snapshot` before you act on a link.
   *
   * @throws {StoreError | RecordError}
   */
  links: (appUserId: string) => Promise<Link[]>
  /** The active grants linked to a user of the app, newest link first. @throws {StoreError | RecordError} */
  grants: (appUserId: string) => Promise<Grant[]>
  /** Reads a grant once. @throws {ConfigError} `ref` names no grant @throws {StoreError | RecordError} */
  snapshot: (ref: GrantRef) => Promise<GrantSnapshot>
  /**
   * Returns an access token that is valid for at least the safety margin, refreshing first if it must.
   *
   * Callers with the same grant share one refresh, in this process and across processes that share the store.
   *
   * @throws {NotConnectedError} nothing is stored for `ref`
   * @throws {ReauthorizeError} Miro refused the grant: it is kept as a tombstone, or rests after an unclear refusal
   * @throws {UnavailableError} no answer before the caller's deadline; the grant is untouched
   * @throws {ConfigError | BadResponseError} the app or the way to Miro is set up wrongly; the grant is untouched
   * @throws {StoreError | RecordError | ClosedError}
   * @see https://developers.miro.com/reference/get-new-access-token-using-refresh-token
   */
  accessToken: (ref: GrantRef, options?: { signal?: AbortSignal | undefined }) => Promise<string>
  /**
   * A REST client that acts for a grant. Costs nothing until used.
   *
   * @param conditions.consentId it works only while this is the grant's consent id
   * @param conditions.snapshot spares the first read of the store
   * @throws {ConfigError} `ref` names no grant, or a condition is not known
   */
  client: (ref: GrantRef, conditions?: Omit<FoundGrant, 'ref'>) => MiroClient
  /**
   * The same client for a grant that is only found when the first call needs it, as in a web request.
   *
   * @param find called before each use until it succeeds; a call throws the error that it throws
   * @param onReauthorize called, and awaited, each time a call finds that Miro refused the grant
   */
  lazyClient: (
    find: () => Promise<FoundGrant>,
    onReauthorize?: (ref: GrantRef, error: ReauthorizeError) => Promise<void>
  ) => MiroClient
  /**
   * Asks Miro for the names of a grant's user and team and stores them. Best effort: gives up after two seconds, and
   * returns the grant as it is then; `null` where there is none.
   *
   * @throws {StoreError | RecordError}
   * @see https://developers.miro.com/reference/get-access-token-context
   */
  fetchNames: (ref: GrantRef) => Promise<Grant | null>
  /**
   * Notes that the app told the person of a grant to connect it again. Resolves to `true` for the first such call since
   * the grant's tokens were stored, in all processes together: what sends a mail, sends one.
   *
   * @throws {StoreError | RecordError}
   */
  markReported: (ref: GrantRef) => Promise<boolean>
  /**
   * Ends a grant, then has Miro revoke its pair, and removes the links that lead to it. Once this resolves, no caller
   * gets a token of it, also where Miro has not confirmed the revocation: then `refreshDue` tries again.
   *
   * @param conditions.consentId it ends only while this is the grant's consent id: a grant connected since is another's
   * @param conditions.epoch it ends only while no later connect has taken the grant over: that of a {@link Connection}
   * @param conditions.only `provisional`: it ends only while its person was not let in; `unlinked`: only while no user
   *   of the app is linked to it
   * @throws {ConfigError} `ref` names no grant, or a condition is not known; the grant stands
   * @throws {StoreError | RecordError}
   * @see https://developers.miro.com/reference/revoke-token-v2
   */
  disconnect: (ref: GrantRef, conditions?: {
    consentId?: string | undefined
    epoch?: string | undefined
    only?: 'provisional' | 'unlinked' | undefined
  }) => Promise<Disconnection>
  /**
   * Takes a user of the app off a grant that other users of the app may be linked to as well. With the last one the
   * grant ends, as by {@link MiroAuth.disconnect}. It can be repeated, and finishes what a call before it began.
   *
   * @param conditions.consentId it does nothing where the grant has another consent id by now
   * @throws {ConfigError} an id that can be none
   * @throws {StoreError | RecordError}
   */
  unlink: (appUserId: string, ref: GrantRef, conditions?: { consentId?: string | undefined }) => Promise<Unlinking>
  /**
   * Forgets a user of the app: takes them off every grant as {@link MiroAuth.unlink} does, so that those end which no
   * other user of the app is linked to, and removes their links. It can be repeated, and finishes what a call before it
   * began.
   *
   * A tombstone with the ids of Miro user and team, and a random text, stays for an hour (twice `refresh.leaseMs` if
   * that is longer): until then a write that was sent before it could put the grant back. What Miro has not revoked yet
   * stays sealed, as after a disconnect.
   *
   * @throws {ConfigError} an id that can be none
   * @throws {StoreError | RecordError} the grants that could be ended have ended: call it again
   */
  forget: (appUserId: string) => Promise<Forgotten>
  /**
   * Forgets a grant for all its app users: ends it as {@link MiroAuth.disconnect} does, and leaves no more of it
   * than {@link MiroAuth.forget}.
   *
   * @throws {ConfigError} `ref` names no grant
   * @throws {StoreError | RecordError} call it again
   */
  forgetGrant: (ref: GrantRef) => Promise<Disconnection>
  /**
   * Refreshes a page of the grants that lie idle, before Miro ends them after 60 days. Every process may call it at any
   * time: processes that do so at once divide the pages, and no grant is refreshed twice. Call it once a day until
   * there is no `cursor`.
   *
   * A refreshed grant is no longer due in the next run, and a failed one holds nothing up. A run stops when no grant
   * can be refreshed now: Miro is out of reach, asks to wait, or refuses the app.
   *
   * @throws {ConfigError} a wrong option, by name; a store without `scan`
   * @throws {StoreError} the page could not be had
   * @see https://developers.miro.com/docs/getting-started-with-oauth
   */
  refreshDue: (options?: RefreshDueOptions) => Promise<RefreshDueResult>
  /**
   * Who is at the board, by an id token of the Web SDK (`miro.board.getIdToken()`), which an app's panel sends with its
   * requests. It says who asks, and gives no access to Miro: that is the grant of the same user and team.
   *
   * @param token what came with the request, such as what stands behind `Bearer`
   * @throws {IdTokenMissingError | IdTokenInvalidError | IdTokenExpiredError | IdTokenClientMismatchError}
   * @see https://developers.miro.com/docs/gettoken-migration-guide
   */
  verifyIdToken: (token: unknown) => Promise<IdToken>
  /**
   * How each grant of a user of the app stands, newest first: what a page shows, without a call to Miro and without an
   * error for a grant that Miro refused.
   *
   * @param options.requiredScopes those that the app needs. Default none
   * @throws {StoreError | RecordError}
   */
  status: (appUserId: string, options?: { requiredScopes?: readonly string[] | undefined }) => Promise<GrantStatus[]>
  /**
   * A client for each active grant of a user of the app, newest first, for jobs. A client ends with its grant: after a
   * disconnect it stays dead, also when the same Miro user connects again.
   *
   * @throws {StoreError | RecordError}
   */
  clientsOf: (appUserId: string) => Promise<Array<{ ref: GrantRef, client: MiroClient }>>
  /**
   * All grants of the app, a page at a time, for administrators: with names, scopes, state, the reason of those
   * that must be connected again, and linked users. Without tokens.
   *
   * @throws {ConfigError} a wrong option, or a store without `scan`
   * @throws {StoreError}
   */
  allGrants: (options?: AllGrantsOptions) => Promise<GrantPage>
  /**
   * The salted fingerprint that stands for a grant in every {@link MiroEvent}, to find one person's grant in the log.
   *
   * @throws {ConfigError} `ref` names no grant
   */
  fingerprint: (ref: GrantRef) => string
  /**
   * Checks that the store can be read and written, and that its records can be decrypted, by one small record that
   * stays in it, and by another one that what was written is read at once, and can be deleted. Call it at start:
   * otherwise the first person finds out, after the consent or at the logout.
   *
   * @throws {StoreError | RecordError}
   */
  check: () => Promise<void>
  /**
   * Resolves when every refresh, connect and disconnect that was begun is answered and stored, at the latest after
   * `refresh.requestMs`. It ends nothing. A serverless function may be frozen once it has answered, while a refresh
   * ahead of time goes on: hand this promise to the platform, such as `waitUntil(auth.drained())`.
   */
  drained: () => Promise<void>
  /**
   * Begins no refresh any more, ends the calls that wait for Miro's rate limit (`MIRO_CLOSED`), and resolves when every
   * refresh, connect and disconnect that was begun is answered and stored, at the latest after `refresh.requestMs`. A
   * token that is still valid is given all the same, and a code that is exchanged later is stored, since it is spent.
   */
  close: () => Promise<void>
}
