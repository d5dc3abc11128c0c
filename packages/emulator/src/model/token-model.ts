import type { Ledger } from './ledger.js'
import type { Subject, TokenPair } from './token-pair.js'
import type { TokenRules } from './token-rules.js'
import type { TokenValues } from './token-values.js'

/** Miro's rules about token pairs, and nothing else: synchronous, without time of its own and without I/O. */
export interface TokenModel {
  /** What Miro leaves open; may be replaced at any time, and holds for every request from then on. */
  rules: Readonly<TokenRules>
  /** What `expires_in` says of every pair from then on, in seconds; default 3599. A token lives one second longer. */
  accessSeconds: number
  readonly ledger: Ledger
  /** The pair of a new connect, once its code was accepted. */
  exchange: (subject: Subject, context: { now: number, expiring: boolean }) => TokenPair
  /**
   * A new pair for an old one, both of whose tokens are dead from this moment, with no grace; undefined if the token is
   * dead, unknown or another app's.
   *
   * @see https://developers.miro.com/reference/oauth-20-authorization-v2
   */
  refresh: (refreshToken: string, context: { clientId: string, now: number }) => TokenPair | undefined
  /** Notes a refresh that ended before its token was looked at, as by a broken connection. Nothing else changes. */
  interrupt: (refreshToken: string, now: number) => void
  /** The pair of an access token that the API accepts. */
  find: (accessToken: string, now: number) => TokenPair | undefined
  /** Ends the pair of a valid access token; false if there is none. */
  revoke: (accessToken: string, now: number) => boolean
  /**
   * Ends a valid access token before its time; its refresh token lives on. A pair without one is dead. False if there
   * is no such token.
   */
  expire: (accessToken: string, now: number) => boolean
  /** How many pairs can still be used or refreshed. */
  countLive: (now: number) => number
  /** Forgets every pair and request. Ids go on where they were, so that none means two things. */
  clear: () => void
}

export interface TokenModelOptions {
  /** Makes the text of tokens; default random, in Miro's form. */
  values?: TokenValues
  /** How many dead pairs, and how many requests, the ledger remembers at least; default 10,000. */
  remembered?: number
}
