import { readdirSync, readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { views } from '../pages/pages.js'
import { toText } from '../wire/plain-answer.js'

const icon = [
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">',
  '<rect width="64" height="64" rx="14" fill="#ffd02f"/>',
  '<rect x="14" y="16" width="22" height="22" rx="3" fill="#1c1c28"/>',
  '<rect x="30" y="30" width="20" height="20" rx="3" fill="#4262ff"/>',
  '</svg>\n'
].join('')

// Read once for all emulators of a process.
const boardScripts = readdirSync(`${views}/board`).map((name) => [name, readView(`board/${name}`)] as const)
const sdk = readView('sdk/miro.js')

function readView (path: string): string {
  return readFileSync(`${views}/${path}`, 'utf8')
}

/**
 * The icon of the pages, which is also the picture of every team, the scripts of the board page, and the stand-in for
 * Miro's Web SDK, by the path that it has at Miro.
 */
export function registerAssets (server: FastifyInstance): void {
  server.get('/emulator/icon.svg', (_request, reply) => send(reply, 'image/svg+xml', icon))

  for (const [name, script] of boardScripts) {
    server.get(`/emulator/board/${name}`, (_request, reply) => send(reply, javascript, script))
  }

  server.get('/app/static/sdk/v2/miro.js', (_request, reply) => {
    // The app's pages are of another site, which a `Cross-Origin-Embedder-Policy` of theirs would shut out.
    reply.header('cross-origin-resource-policy', 'cross-origin')
    return send(reply, javascript, sdk)
  })
}

const javascript = 'text/javascript; charset=utf-8'

function send (reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply
    .headers({ 'content-type': type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    .serializer(toText)
    .send(text)
}
