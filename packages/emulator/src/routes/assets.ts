import type { FastifyInstance } from 'fastify'
import { toText } from '../wire/plain-answer.js'

const icon = [
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">',
  '<rect width="64" height="64" rx="14" fill="#ffd02f"/>',
  '<rect x="14" y="16" width="22" height="22" rx="3" fill="#1c1c28"/>',
  '<rect x="30" y="30" width="20" height="20" rx="3" fill="#4262ff"/>',
  '</svg>\n'
].join('')

/** The icon of the pages, which is also the picture of every team. */
export function registerAssets (server: FastifyInstance): void {
  server.get('/emulator/icon.svg', (_request, reply) => reply
    .headers({ 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    .serializer(toText)
    .send(icon))
}
