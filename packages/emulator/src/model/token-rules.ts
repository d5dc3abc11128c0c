/** Every rule and what it may say. */
export const ruleChoices = {
  reuse: ['refuse', 'revoke-family'],
  reconnect: ['keep', 'replace'],
  revoke: ['pair', 'user']
} as const

/** What Miro's documentation leaves open about the life of token pairs. An app must be right under every combination. */
export interface TokenRules {
  /**
   * A spent refresh token is presented again: `'refuse'` it and no more, or `'revoke-family'`, which also ends the live
   * pair that descends from the same exchange. Default `'refuse'`.
   *
   * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
   */
  reuse: typeof ruleChoices.reuse[number]
  /**
   * A second connect of the same user in the same team of the same app: `'keep'` the earlier pairs, or `'replace'`
   * them. Default `'keep'`.
   */
  reconnect: typeof ruleChoices.reconnect[number]
  /** A revoked access token ends its `'pair'`, or every pair that this app has of this `'user'`. Default `'pair'`. */
  revoke: typeof ruleChoices.revoke[number]
}

/** The rules where nothing else is said. */
export const defaultRules: Readonly<TokenRules> = { reuse: 'refuse', reconnect: 'keep', revoke: 'pair' }
