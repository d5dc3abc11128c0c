/** How a grant is named in every API. Ids are strings, exactly as Miro sent them. */
export interface GrantRef {
  userId: string
  teamId: string
}

/** What one Miro user gave the app in one Miro team. It holds no token: ask `accessToken` for one. */
export interface Grant extends GrantRef {
  /** What was granted, which can be less than the app hoped for. */
  scopes: readonly string[]
  /** When the person connected, in epoch milliseconds. */
  connectedAt: number
  userName?: string
  teamName?: string
}
