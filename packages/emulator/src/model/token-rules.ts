/** Every rule and its choices. */
export const ruleChoices = {
  reuse: ['refuse', 'revoke-family'],
  reconnect: ['keep', 'replace'],
  revoke: ['pair', 'user']
} as const

/** What Miro's documentation leaves open about token pairs. An app must work under every combination. */
export interface TokenRules {
  /**
   * Reuse detection. When a spent refresh token is presented again, `'refuse'` only refuses it, and `'revoke-family'`
   * also ends the live pair that descends from the same exchange. Default `'refuse'`.
   *
   * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
   */
  reuse: typeof ruleChoices.reuse[number]
  /**
   * On a second connect of the same user in the same team of the same app, `'keep'` leaves the earlier pairs valid, and
   * `'replace'` ends them. Default `'keep'`.
   */
  reconnect: typeof ruleChoices.reconnect[number]
  /** A revocation ends the `'pair'` of its token, or all pairs that the app has of the `'user'`. Default `'pair'`. */
  revoke: typeof ruleChoices.revoke[number]
}

/** The rules that apply by default. */
export const defaultRules: Readonly<TokenRules> = { reuse: 'refuse', reconnect: 'keep', revoke: 'pair' }
