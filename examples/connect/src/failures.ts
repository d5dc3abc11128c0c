/** What a person is told of a failure. */
export interface Failure {
  title: string
  message: string
}

/** Says nothing of what was done: a callback that is opened twice was good the first time. */
const other = { title: 'That did not work', message: 'Please look at your teams, and try again if one is missing.' }

const failures = new Map<string, Failure>([
  ['MIRO_ACCESS_DENIED', { title: 'Not connected', message: 'No access was given at Miro, so nothing was connected.' }],
  ['MIRO_NO_APP_USER', { title: 'Log in first', message: 'You are not logged in here, so nothing was done.' }],
  ['MIRO_CALLBACK_USER_MISMATCH', { title: 'Somebody else began this', message: 'Another person was logged in here when connecting to Miro began. Nothing was connected: neither to them nor to you.' }],
  ['MIRO_CALLBACK_STATE_EXPIRED', { title: 'That took too long', message: 'Connecting to Miro must be done within ten minutes. Please start again.' }],
  ['MIRO_SCOPE_MISSING', { title: 'Not enough was allowed', message: 'Miro did not give this app the right to read boards.' }],
  ['MIRO_NOT_CONNECTED', { title: 'Nothing to remove', message: 'This team is not connected, or not by you.' }],
  ['MIRO_CROSS_SITE', { title: 'Not allowed', message: 'This form was not sent by a page of ours.' }],
  ['MIRO_UNAVAILABLE', { title: 'Miro does not answer', message: 'Nothing was lost. Please try again in a minute.' }]
])

/** The words for a code of the plugin's. Anybody can make up an address, so what does not look like a code is not shown. */
export function toFailure (code: string | undefined): Failure & { code: string | null } {
  const isCode = code !== undefined && /^MIRO_[A-Z_]{3,40}$/.test(code)
  return { ...(isCode ? failures.get(code) ?? other : other), code: isCode ? code : null }
}
