import type { Miro } from '../miro.js'

/** Lets the ledger count a refresh that was ended before anybody looked at its refresh token. */
export function recordInterruptedRefresh (miro: Miro, parameters: URLSearchParams): void {
  const refreshToken = parameters.get('refresh_token')
  if (parameters.get('grant_type') !== 'refresh_token' || refreshToken === null) return
  miro.tokens.interrupt(refreshToken, miro.now())
}
