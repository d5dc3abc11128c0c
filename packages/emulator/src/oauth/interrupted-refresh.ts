import type { Miro } from '../miro.js'

/** Records in the ledger a refresh that ended before its refresh token was read. Other requests are ignored. */
export function recordInterruptedRefresh (miro: Miro, parameters: URLSearchParams): void {
  const refreshToken = parameters.get('refresh_token')
  if (parameters.get('grant_type') !== 'refresh_token' || refreshToken === null) return
  miro.tokens.interrupt(refreshToken, miro.now())
}
