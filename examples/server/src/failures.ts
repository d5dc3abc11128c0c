import type { Failure } from '@miro-oauth/example-shared'
import { NotConnectedError, ReauthorizeError, type MiroError } from '@miro-oauth/fastify'

const titles: Record<number, string> = {
  401: 'Sign in with Miro first',
  403: 'Not allowed',
  404: 'Not found',
  429: 'A little too fast',
  502: 'Miro could not help',
  503: 'Miro does not answer'
}

/** The plugin's messages are written for developers and may be shown. For these two, users get plainer words. */
const messages: Record<string, string> = {
  MIRO_NOT_CONNECTED: 'You are signed out, so nothing was done.',
  MIRO_REAUTHORIZE: 'Miro no longer lets this app act for you. Sign in again to go on.'
}

/** The words for an error of the Miro plugin, and a link to sign in where that helps. */
export function describeMiroError (error: MiroError, { loginUrl }: { loginUrl: string }): Failure {
  const { statusCode, code, message } = error
  const isSignedOut = error instanceof NotConnectedError || error instanceof ReauthorizeError
  return {
    title: titles[statusCode] ?? 'That did not work',
    code,
    message: messages[code] ?? message,
    ...(isSignedOut && { loginUrl })
  }
}
