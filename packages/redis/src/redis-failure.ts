/**
 * What a client library threw, as an error with its message and code and nothing else: errors of ioredis carry the
 * whole command, and with it bodies and tokens.
 */
export function toFailure (error: unknown): Error {
  const code = codeOf(error)
  const failure = new Error(messageOf(error) || `Redis failed${code === undefined ? '' : `: ${code}`}.`)
  return code === undefined ? failure : Object.assign(failure, { code })
}

/**
 * The code of a system error such as `ECONNREFUSED`, or the word that an error of Redis begins with, such as `READONLY`;
 * Redis 6.2 puts the line of the script before it.
 */
export function codeOf (error: unknown): string | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code
  return /^(?:@user_script: \d+: )?-?([A-Z][A-Z0-9]+) /.exec(messageOf(error))?.[1]
}

/** Redis quotes the arguments of a command that it does not know. */
function messageOf (error: unknown): string {
  return error instanceof Error ? error.message.replace(/,? with args beginning with[^]*/, '').slice(0, 300) : ''
}
