import type { Ledger } from './ledger.js'
import type { Subject, TokenPair } from './token-pair.js'
import type { TokenRules } from './token-rules.js'
import type { TokenValues } from './token-values.js'

/** Miro's rules about token pairs: synchronous, without I/O, and with the time as an argument. */
export interface TokenModel {
  /** What Miro leaves open. May be replaced at any time, and applies to every request from then on. */
  rules: Readonly<TokenRules>
  /** The `expires_in` of every pair from then on, in seconds; default 3599. A token stays valid a second longer. */
  accessSeconds: number
  readonly ledger: Ledger
  /** Gives the first pair of a connect, after its code was accepted. */
  exchange: (subject: Subject, context: { now: number, expiring: boolean }) => TokenPair
  /**
   * Rotates a refresh token: gives a new pair and ends both tokens of the old one at once, without a grace period.
   * Returns undefined if the token is dead, unknown or another app's.
   *
   * @see https://developers.miro.com/reference/oauth-20-authorization-v2
   */
  refresh: (refreshToken: string, context: { clientId: string, now: number }) => TokenPair | undefined
  /** Records a refresh that ended before its token was read, as by a broken connection. Nothing else changes. */
  interrupt: (refreshToken: string, now: number) => void
  /** Finds the pair of a valid access token. */
  find: (accessToken: string, now: number) => TokenPair | undefined
  /** Ends the pair of a valid access token. Returns false if the token is not valid. */
  revoke: (accessToken: string, now: number) => boolean
  /**
   * Ends a valid access token early; its refresh token stays valid. A pair without a refresh token is dead then.
   * Returns false if the token is not valid.
   */
  expire: (accessToken: string, now: number) => boolean
  /** How many pairs can still be used or refreshed. */
  countLive: (now: number) => number
  /** Forgets every pair and request. Ids are counted on, so that none is used twice. */
  clear: () => void
}

/** Of `createTokenModel`. */
export interface TokenModelOptions {
  /** Makes the text of tokens; default random, in Miro's form. */
  values?: TokenValues | undefined
  /** How many dead pairs, and how many requests, the ledger remembers at least; default 10,000 of each. */
  remembered?: number | undefined
}
