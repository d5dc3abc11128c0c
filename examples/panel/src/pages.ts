import { originOf } from '@miro-oauth/example-shared'
import type { FastifyMiroOptions } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'
import { insideMiro } from './inside-miro.js'

/** The pages: two for Miro's iframes, which Miro alone may frame, and one for a visitor who comes by the address. */
export async function pages (app: FastifyInstance, { miro }: { miro: FastifyMiroOptions }): Promise<void> {
  const sdkScript = new URL('/app/static/sdk/v2/miro.js', miro.endpoints?.authorizeUrl ?? 'https://miro.com').href
  const origin = originOf(miro)

  // The page that every board loads, hidden: it waits for a click on the app's icon.
  app.get(insideMiro.sdkPath, { config: { miro: { panel: 'page' } } }, (_request, reply) => {
    return reply.view('board', { title: 'Board', sdkScript })
  })

  app.get('/panel', { config: { miro: { panel: 'page' } } }, (_request, reply) => {
    return reply.view('panel', { title: 'Panel', sdkScript })
  })

  app.get('/', (_request, reply) => reply.view('home', {
    title: 'On the board',
    sdkUri: origin + insideMiro.sdkPath,
    redirectUris: [miro.redirectUri, origin + insideMiro.installPath]
  }))
}
