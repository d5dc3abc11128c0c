import { once } from 'node:events'
import { connect } from 'node:net'

const timeoutMs = 5000

/** A variable that names a server is wrong, or its server does not answer. The message shows no value. */
export class GivenServerError extends Error {
  override readonly name = 'GivenServerError'
  readonly code = 'TEST_SERVER'
}

/**
 * The server that a variable names, once it takes connections: a client would wait for it without end.
 *
 * @param ports the default port of each protocol that the address may have
 * @returns its address; `null`: the variable is empty
 * @throws {GivenServerError}
 */
export async function givenServer (name: string, ports: Record<string, number>): Promise<string | null> {
  const given = process.env[name] ?? ''
  if (given === '') return null
  const url = URL.canParse(given) ? new URL(given) : null
  const port = Number(url?.port || ports[url?.protocol ?? ''])
  if (url === null || Number.isNaN(port)) throw new GivenServerError(`${name} must be a URL that begins with ${Object.keys(ports).join('// or ')}//.`)
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost', port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    throw toGivenServerError(name, error)
  } finally {
    socket.destroy()
  }
  return given
}

/** With the code of a system or of the server, and nothing else of what was thrown. */
export function toGivenServerError (name: string, error: unknown): GivenServerError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
  return new GivenServerError(`${name}: the server cannot be used (${code === 'ABORT_ERR' ? 'no answer' : code}). Is it running, and is the address right?`)
}
