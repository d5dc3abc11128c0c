import type { Failure } from '@miro-oauth/example-shared'
import type { MiroError } from '@miro-oauth/fastify'

/** The plugin's messages are for developers, and may be shown. For these, people at a board get plainer words. */
const messages = new Map([
  ['MIRO_NOT_CONNECTED', 'The app is not connected to Miro.'],
  ['MIRO_REAUTHORIZE', 'Miro no longer lets this app act for you. Connect again to go on.'],
  ['MIRO_UNAVAILABLE', 'Miro does not answer. Please try again in a minute.'],
  ['MIRO_API', 'Miro refused this request.']
])

/** The words for an error of the Miro plugin. */
export function describeMiroError ({ code, message }: MiroError): Failure {
  return { title: 'That did not work', message: messages.get(code) ?? message, code }
}
