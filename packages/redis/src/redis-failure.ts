/**
 * Makes an error with the message and the code of the client's error, and nothing else: errors of ioredis hold the
 * whole command, and with it bodies and tokens.
 */
export function toFailure (error: unknown): Error {
  const code = codeOf(error)
  const failure = new Error(messageOf(error) || `Redis failed${code === undefined ? '' : `: ${code}`}.`)
  return code === undefined ? failure : Object.assign(failure, { code })
}

/**
 * The code of a system error such as `ECONNREFUSED`, or the first word of an error of Redis such as `READONLY`. Redis
 * 6.2 puts the line of the script before that word.
 */
export function codeOf (error: unknown): string | undefined {
  const isObject = typeof error === 'object' && error !== null
  if (isObject && 'code' in error && typeof error.code === 'string') return error.code
  return /^(?:@user_script: \d+: )?-?([A-Z][A-Z0-9]+) /.exec(messageOf(error))?.[1]
}

/** Where an ACL denies a command or a key inside of a script, Redis up to 7.0 names neither, and its code is `ERR`. */
const deniedInScript = /^(?:ERR )?The user executing the script can't/
const denied = "NOPERM The ACL of this user denies a command or a key of the store's scripts: they need +get +set +del +time."

/** The message without arguments, which Redis quotes if it does not know the command. */
function messageOf (error: unknown): string {
  if (!(error instanceof Error)) return ''
  return deniedInScript.test(error.message) ? denied : error.message.replace(/,? with args beginning with[^]*/, '').slice(0, 300)
}
