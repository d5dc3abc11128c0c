import type { MiroError } from '@miro-oauth/core'
import type { RouteName } from '../options.js'

const startAgain = 'Start again.'
const notUnderstood = 'We did not understand this request, so nothing was changed. Go back and try again.'
const unknownAttempt = (action: string): string => `We do not know of an attempt to ${action} in this browser. Allow cookies for this site, and start again.`

/**
 * What a person can do about a failure of their own, by its code. `action`: what they wanted, such as "sign in with
 * Miro".
 */
const sentences: Record<string, (action: string) => string> = {
  MIRO_ACCESS_DENIED: (action) => `Access to Miro was not granted. You can still ${action}.`,
  MIRO_NO_APP_USER: () => 'You are not signed in to this app. Sign in here first, and then connect Miro.',
  MIRO_NOT_CONNECTED: () => 'There is nothing to disconnect.',
  MIRO_SCOPE_MISSING: () => 'Miro gave this app fewer permissions than it needs. If that happens again, tell the people who run this app.',
  MIRO_NOT_ADMITTED: () => 'This app is not open to this Miro user or team. If you chose the wrong team, start again with another one.',
  MIRO_CROSS_SITE: () => 'This request did not come from a page of this app. Go to the app, and try again there.',
  MIRO_RATE_LIMITED: () => 'There were too many attempts. Wait a minute, and try again.',
  MIRO_CALLBACK_STATE_MISSING: unknownAttempt,
  MIRO_CALLBACK_STATE_UNKNOWN: unknownAttempt,
  MIRO_CALLBACK_STATE_EXPIRED: () => `That took longer than ten minutes. ${startAgain}`,
  MIRO_CALLBACK_STATE_USED: () => `This link has been used already. ${startAgain}`,
  MIRO_CALLBACK_USER_MISMATCH: () => `You were signed in to this app as another user when you began. ${startAgain}`,
  MIRO_CALLBACK_TEAM_MISMATCH: () => `Miro answered for another team than you chose. ${startAgain}`,
  MIRO_BODY_UNSUPPORTED: () => notUnderstood,
  MIRO_BODY_INVALID: () => notUnderstood,
  MIRO_BODY_TOO_LONG: () => notUnderstood,
  MIRO_GRANT_UNNAMED: () => 'Several Miro teams are connected, and this page did not say which one to disconnect, so nothing was changed.'
}

/** A failure in words for the person who sees the page. The developer's sentence is in the log and in the JSON. */
export function sentenceOf ({ code, statusCode }: Pick<MiroError, 'code' | 'statusCode'>, action: string): string {
  if (statusCode >= 500) return 'Something went wrong on our side. Try again in a minute.'
  return sentences[code]?.(action) ?? `We could not use what Miro answered. ${startAgain}`
}

/** The title of the page. */
export function titleOf (route: RouteName, code: MiroError['code'], loginFailureTitle: string): string {
  if (code === 'MIRO_ACCESS_DENIED') return 'You are not connected to Miro'
  if (route === 'logout') return 'Signing out did not work'
  if (route === 'disconnect') return 'Disconnecting from Miro did not work'
  if (route === 'install') return 'Installing the app did not work'
  return loginFailureTitle
}
