/** What a person is told of a failure. */
export interface Failure {
  title: string
  message: string
}

const again = { title: 'Miro was not connected', message: 'That did not work, and nothing was connected. Please try again.' }

const failures = new Map<string, Failure>([
  ['MIRO_ACCESS_DENIED', { title: 'Not connected', message: 'You said no at Miro, so nothing was connected.' }],
  ['MIRO_NO_APP_USER', { title: 'Log in first', message: 'You are not logged in here, so nothing was done.' }],
  ['MIRO_CALLBACK_USER_MISMATCH', { title: 'Somebody else began this', message: 'Another person was logged in here when connecting to Miro began. Nothing was connected: neither to them nor to you.' }],
  ['MIRO_CALLBACK_STATE_EXPIRED', { title: 'That took too long', message: 'Connecting to Miro must be done within ten minutes. Please start again.' }],
  ['MIRO_SCOPE_MISSING', { title: 'Not enough was allowed', message: 'Miro did not give this app the right to read boards.' }],
  ['MIRO_NOT_CONNECTED', { title: 'Nothing to remove', message: 'This team is not connected, or not by you.' }],
  ['MIRO_CROSS_SITE', { title: 'Not allowed', message: 'This form was not sent by a page of ours.' }],
  ['MIRO_UNAVAILABLE', { title: 'Miro does not answer', message: 'Nothing was lost. Please try again in a minute.' }]
])

/** The words for a code of the plugin's. The address of a page can be made up, so nothing of the code itself is shown unless it looks like one. */
export function toFailure (code: string | undefined): Failure & { code: string | null } {
  const isCode = code !== undefined && /^MIRO_[A-Z_]{3,40}$/.test(code)
  return { ...(isCode ? failures.get(code) ?? again : again), code: isCode ? code : null }
}
