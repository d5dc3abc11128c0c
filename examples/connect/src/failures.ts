import type { Failure } from '@miro-oauth/example-shared'
import type { MiroError } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'

/** The page for failures of the plugin's own routes: `routes.error`. */
export const miroFailurePath = '/miro-failed'

const codeQuery = { type: 'object', properties: { code: { type: 'string' } } }

/** Serves {@link miroFailurePath}, where connecting or removing a team ends if it fails. */
export async function miroFailurePage (app: FastifyInstance): Promise<void> {
  app.get<{ Querystring: { code?: string } }>(miroFailurePath, {
    schema: { querystring: codeQuery }
  }, (request, reply) => reply.view('error', toPage(request.query.code)))
}

/** The words for an error of the plugin that a page of the app ran into. */
export function describeMiroError ({ code, message }: MiroError): Failure {
  return { title: 'That did not work', message, ...wordsByCode.get(code), code }
}

interface Words {
  title: string
  message: string
}

/** Claims nothing about the team: a callback that is opened twice fails, and did connect the team the first time. */
const other = { title: 'That did not work', message: 'Please look at your teams, and try again if one is missing.' }

const wordsByCode = new Map<string, Words>([
  ['MIRO_ACCESS_DENIED', {
    title: 'Not connected',
    message: 'No access was given at Miro, so nothing was connected.'
  }],
  ['MIRO_NO_APP_USER', {
    title: 'Log in first',
    message: 'You are not logged in here, so nothing was done.'
  }],
  ['MIRO_CALLBACK_USER_MISMATCH', {
    title: 'Somebody else began this',
    message: 'Another person was logged in here when connecting to Miro began. ' +
      'Nothing was connected: neither to them nor to you.'
  }],
  ['MIRO_CALLBACK_STATE_EXPIRED', {
    title: 'That took too long',
    message: 'Connecting to Miro must be done within ten minutes. Please start again.'
  }],
  ['MIRO_SCOPE_MISSING', {
    title: 'Not enough was allowed',
    message: 'Miro did not give this app the right to read boards.'
  }],
  ['MIRO_NOT_CONNECTED', {
    title: 'Nothing to remove',
    message: 'This team is not connected, or not by you.'
  }],
  ['MIRO_CROSS_SITE', {
    title: 'Not allowed',
    message: 'This form was not sent by a page of ours.'
  }],
  ['MIRO_UNAVAILABLE', {
    title: 'Miro does not answer',
    message: 'Nothing was lost. Please try again in a minute.'
  }]
])

/** A `code` that does not look like one of the plugin's is not shown: a link of another site can hold any text. */
function toPage (code: string | undefined): Words & { code: string | null } {
  const isCode = code !== undefined && /^MIRO_[A-Z_]{3,40}$/.test(code)
  return { ...(isCode ? wordsByCode.get(code) ?? other : other), code: isCode ? code : null }
}
