import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'

const types: Record<string, string> = { '.css': 'text/css', '.svg': 'image/svg+xml', '.js': 'text/javascript' }

/**
 * Serves files of a folder from memory. With more of them than a few, use @fastify/static.
 *
 * @param options.files default the style and the icon
 */
export async function assets (app: FastifyInstance, { folder, files = ['style.css', 'icon.svg'] }: {
  folder: string
  files?: string[]
}): Promise<void> {
  for (const name of files) {
    const content = await readFile(join(folder, name), 'utf8')
    const type = types[extname(name)] ?? 'application/octet-stream'
    app.get(`/${name}`, (_request, reply) => reply.header('cache-control', 'max-age=300').type(type).send(content))
  }
}
