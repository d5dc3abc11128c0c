import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'

const files = [{ name: 'style.css', type: 'text/css' }, { name: 'icon.svg', type: 'image/svg+xml' }]

/** Serves the style and the icon of a folder from memory. With more files than these, use @fastify/static. */
export async function assets (app: FastifyInstance, { folder }: { folder: string }): Promise<void> {
  for (const { name, type } of files) {
    const content = await readFile(join(folder, name), 'utf8')
    app.get(`/${name}`, (_request, reply) => reply.header('cache-control', 'max-age=300').type(type).send(content))
  }
}
