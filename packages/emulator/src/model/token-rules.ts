/** What Miro's documentation leaves open about the life of token pairs. An app must be right under every combination. */
export interface TokenRules {
  /**
   * A spent refresh token is presented again: `'refuse'` it and no more, or `'revoke-family'`, which also ends the live
   * pair that descends from the same exchange (RFC 9700 section 4.14.2). Default `'refuse'`.
   */
  reuse: 'refuse' | 'revoke-family'
  /**
   * A second connect of the same user in the same team of the same app: `'keep'` the earlier pairs, or `'replace'`
   * them. Default `'keep'`.
   */
  reconnect: 'keep' | 'replace'
  /** A revoked access token ends its `'pair'`, or every pair that this app has of this `'user'`. Default `'pair'`. */
  revoke: 'pair' | 'user'
}

/** The rules where nothing else is said. */
export const defaultRules: Readonly<TokenRules> = { reuse: 'refuse', reconnect: 'keep', revoke: 'pair' }
