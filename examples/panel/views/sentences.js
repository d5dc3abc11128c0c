// What the panel says of a failure.

/** Those of `connect()`, by their codes: its own, and those that the window shows. */
const byCode = new Map([
  ['blocked', 'The browser blocked the window.'],
  ['closed', 'The window was closed before Miro was connected.'],
  ['other-team', 'You chose another team at Miro. Connect again, and choose the team of this board.'],
  ['other-user', 'In the window you are another Miro user than at this board. Sign in at Miro as the same one.'],
  ['MIRO_ACCESS_DENIED', 'You did not agree at Miro, so nothing was connected.'],
  ['MIRO_NOT_ADMITTED', 'This app is not open to you in this team.'],
  ['MIRO_SCOPE_MISSING', 'Miro did not give this app the right to read boards.'],
  ['MIRO_CALLBACK_STATE_EXPIRED', 'That took too long. Please connect again.'],
  ['MIRO_UNAVAILABLE', 'Miro does not answer. Please try again in a minute.']
])

/** The server's sentence for an error of it, and the SDK's for one of that. */
export function sentenceFor ({ code, message }) {
  const known = byCode.get(code)
  if (known !== undefined) return known
  return message === code ? `Connecting did not work (${code}).` : `That did not work: ${message}`
}
