/** What the script is told by the environment. */
export interface Config {
  clientId: string
  clientSecret: string
  /** An http address on loopback, as it is registered for the app. */
  redirectUri: string
  authorizeUrl: string
  /** An origin, without a slash at its end. */
  apiUrl: string
}

/** A variable that is missing or wrong. Its message names the variable and never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'VERIFY_CONFIG'
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

/**
 * Reads the variables that the examples read, too. An empty one counts as not set.
 *
 * @throws {ConfigError} credentials are missing, or an address is not one that this script can use
 */
export function readConfig (environment: Readonly<Record<string, string | undefined>>): Config {
  const valueOf = (name: string, fallback?: string): string => {
    const value = environment[name] || fallback
    if (value === undefined) throw new ConfigError(`${name} is not set: the credentials are in the settings of your app at Miro.`)
    // Miro would refuse what stands in quotation marks, and each answer of the run would be about that.
    if (!/^[\x21-\x7e]+$/.test(value) || /^(["']).*\1$/.test(value)) {
      throw new ConfigError(`${name} holds white space, quotation marks or other characters that Miro does not use.`)
    }
    return value
  }
  return {
    clientId: valueOf('MIRO_CLIENT_ID'),
    clientSecret: valueOf('MIRO_CLIENT_SECRET'),
    redirectUri: requireLoopback(valueOf('MIRO_REDIRECT_URI', 'http://localhost:3000/auth/miro/callback')),
    authorizeUrl: requireUrl('MIRO_AUTHORIZE_URL', valueOf('MIRO_AUTHORIZE_URL', 'https://miro.com/oauth/authorize')).href,
    apiUrl: requireUrl('MIRO_API_URL', valueOf('MIRO_API_URL', 'https://api.miro.com')).origin
  }
}

/** Returns the text as it was given: Miro compares redirect URIs letter by letter. */
function requireLoopback (text: string): string {
  const { protocol, hostname } = requireUrl('MIRO_REDIRECT_URI', text)
  if (protocol === 'http:' && loopback.includes(hostname)) return text
  throw new ConfigError('MIRO_REDIRECT_URI must be an http address on localhost, since this script answers it.')
}

/** The client secret goes there: in plain text only to this machine. */
function requireUrl (name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.includes(url.hostname))
  if (url === null || !isSafe) throw new ConfigError(`${name} must be an https address, or http on localhost.`)
  return url
}
