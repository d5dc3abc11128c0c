import { randomBytes } from 'node:crypto'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { platform } from 'node:os'
import { join } from 'node:path'
import { fastifyMiro } from '@miro-oauth/fastify'
import Fastify from 'fastify'
import t from 'tap'
import { openDatabase, toFile } from '../src/sqlite.js'
import { openStore } from '../src/store.js'
import { startFailureLine } from '../src/start-failure.js'
import { VariableError } from '../src/variable-error.js'

const keys = `k1:${randomBytes(32).toString('base64url')}`

/** The line with which a store in this file ends the start; `null`: the start succeeds. */
async function startLine (file: string): Promise<string | null> {
  const app = Fastify()
  try {
    const store = await openStore({ url: `file:${file}`, keys }, ({ close }) => { app.addHook('onClose', async () => { await close() }) })
    await app.register(fastifyMiro, {
      clientId: '1', clientSecret: 'a-secret', redirectUri: 'http://localhost:3000/callback', cookieSecret: 'planted-planted-planted-planted-planted', ...(store === undefined ? {} : { store })
    })
    await app.miro.auth.check()
    return null
  } catch (error) {
    return startFailureLine(error)
  } finally {
    await app.close()
  }
}

/** Node 22.13 or later, or better-sqlite3. */
function hasSqlite (): boolean {
  try {
    openDatabase(':memory:').close()
    return true
  } catch (error) {
    if (error instanceof VariableError) return false
    throw error
  }
}

t.test('sqlite: STORE_URL names a file as a path or as a URL', async (t) => {
  t.equal(toFile('file:miro.db'), 'miro.db')
  t.equal(toFile('file:../data/miro.db'), '../data/miro.db')
  t.equal(toFile('file:/data/miro.db'), '/data/miro.db')
  t.equal(toFile('file:///data/miro.db'), '/data/miro.db')
  for (const url of ['miro.db', 'file:', 'file://host/miro.db', 'file:////miro.db', 'file:///a%20b', 'file:miro.db?mode=ro', 'file:a%20b', 'redis://a']) t.equal(toFile(url), null, url)
})

t.test('sqlite: a file is created at the first start and used at the next, and a wrong one ends the start', { skip: !hasSqlite() && 'no SQLite' }, async (t) => {
  const folder = t.testdir()
  t.equal(await startLine(join(folder, 'miro.db')), null)
  t.equal(await startLine(join(folder, 'miro.db')), null)
  const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o77)
  if (platform() !== 'win32') t.ok(modes.length > 0 && modes.every((mode) => mode === 0), 'nobody else may read it')
  t.match(await startLine(join(folder, 'planted', 'miro.db')), /^STORE_URL: the file cannot be opened/)
  writeFileSync(join(folder, 'text.db'), 'planted '.repeat(1000))
  const written = await startLine(join(folder, 'text.db'))
  t.match(written, /SQLITE_NOTADB\). The file is no SQLite database/)
  t.notMatch(written, 'planted')
})
