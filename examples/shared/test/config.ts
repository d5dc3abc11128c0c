import { randomBytes } from 'node:crypto'
import { fastifyMiro } from '@miro-oauth/fastify'
import Fastify from 'fastify'
import t from 'tap'
import { readServerConfig } from '../src/config.js'
import { readEnvironment, type Environment } from '../src/environment.js'
import { startFailureLine } from '../src/start-failure.js'
import { createStore } from '../src/store.js'

const complete = {
  MIRO_CLIENT_ID: '3074457345618265000',
  MIRO_CLIENT_SECRET: 'planted-secret-1',
  MIRO_REDIRECT_URI: 'https://boards.example/auth/miro/callback',
  COOKIE_SECRET: 'planted-secret-2-planted-secret-2-planted'
}

/**
 * Starts with this environment as far as it goes without a network.
 *
 * @returns the line that a failed start prints, else `null`
 */
async function startLine (environment: Environment): Promise<string | null> {
  const app = Fastify()
  try {
    const { miro, store } = readServerConfig(environment)
    if (store !== null) await createStore(store).close()
    if (miro !== null) await app.register(fastifyMiro, miro)
    return null
  } catch (error) {
    return startFailureLine(error)
  } finally {
    await app.close()
  }
}

t.test('config: a complete environment starts, with defaults for the rest', async (t) => {
  t.equal(await startLine(complete), null)
  t.match(readServerConfig(complete), { host: 'localhost', port: 3000, store: null })
  const keys = `k1:${randomBytes(32).toString('base64url')}`
  const urls = ['postgres://user:password@db.example/miro', 'redis://cache.example', 'rediss://cache.example']
  for (const url of urls) {
    t.equal(await startLine({ ...complete, STORE_URL: url, STORE_KEYS: keys }), null)
  }
  const standIn = { MIRO_AUTHORIZE_URL: 'http://localhost:4000/oauth/authorize', MIRO_API_URL: 'http://localhost:4000' }
  t.equal(await startLine({ ...complete, ...standIn }), null)
})

t.test('config: an .env that cannot be read is told as such', async (t) => {
  t.throws(() => readEnvironment('src'), { message: '.env cannot be read (EISDIR).' })
  t.type(readEnvironment('no such file'), 'object')
})

t.test('config: an .env of Windows is read, and a value that # would cut short is refused by its line', async (t) => {
  const folder = t.testdir({
    good: '\uFEFFEDGE_ONE=1\r\n# a=b#c\r\nEDGE_TWO=a #b#c\r\nEDGE_THREE="a#b"\r\nEDGE_FOUR= # none\r\n',
    cut: 'EDGE_ONE=1\nEDGE_TWO=planted#planted\n',
    empty: 'EDGE_ONE=#planted\n'
  })
  t.match(readEnvironment(`${folder}/good`), { EDGE_ONE: '1', EDGE_TWO: 'a', EDGE_THREE: 'a#b', EDGE_FOUR: '' })
  for (const [file, line] of [['cut', 2], ['empty', 1]] as const) {
    t.throws(() => readEnvironment(`${folder}/${file}`), { message: `.env: line ${line} has a # in its value: put the value in quotation marks.` })
  }
})

t.test('config: without a variable of Miro the stand-in is used', async (t) => {
  t.match(readServerConfig({}), { host: 'localhost', port: 3000, miro: null })
  t.match(readServerConfig({ HOST: '127.0.0.1', PORT: '8080' }), { host: '127.0.0.1', port: 8080, miro: null })
  const empty = { MIRO_CLIENT_ID: '', MIRO_REDIRECT_URI: '', PORT: '', HOST: '' }
  t.equal(readServerConfig(empty).miro, null, 'an empty variable counts as not set')
})

const howToMakeKeys = 'Make one with: node -p "\'k1:\' + crypto.randomBytes(32).toString(\'base64url\')"'

t.test('config: each wrong variable stops the start with one line that names it and does not show it', async (t) => {
  const wrongUrls = ['planted', 'mysql://planted', 'localhost:5432', 'file:', 'file://planted/miro.db', 'file:planted?mode=ro', 'file:a%20planted', 'file:///planted#a']
  const wrongPorts = ['0', '65536', '-1', '3000.5', '3e3', '30 00', 'planted', '999999']
  const edges = ['planted\n', ' planted', '\t', '"planted"', '\'planted\'']
  const escaped = 'STORE_URL is no URL: in a user or password, write % as %25, # as %23, / as %2F, ? as %3F and a space as %20.'
  const cases: Array<[changes: Environment, line: string]> = [
    [{ MIRO_CLIENT_ID: undefined }, 'MIRO_CLIENT_ID is missing, while MIRO_CLIENT_SECRET is set.'],
    [{ MIRO_CLIENT_SECRET: undefined }, 'MIRO_CLIENT_SECRET is missing, while MIRO_CLIENT_ID is set.'],
    [{ MIRO_REDIRECT_URI: '' }, 'MIRO_REDIRECT_URI is missing, while MIRO_CLIENT_ID is set.'],
    [{ COOKIE_SECRET: undefined }, 'COOKIE_SECRET is missing, while MIRO_CLIENT_ID is set.'],
    [{ MIRO_CLIENT_SECRET: 'planted secret' }, 'MIRO_CLIENT_SECRET holds white space or other unexpected characters.'],
    [{ MIRO_REDIRECT_URI: 'planted' }, 'MIRO_REDIRECT_URI must be an absolute URL.'],
    [{ MIRO_REDIRECT_URI: 'http://planted.example/callback' },
      'MIRO_REDIRECT_URI must be an https URL; http is for loopback only.'],
    [{ MIRO_REDIRECT_URI: 'https://boards.example/planted?a=b' }, 'MIRO_REDIRECT_URI must have no query.'],
    [{ MIRO_REDIRECT_URI: 'https://boards.example/planted%20' }, 'The path of MIRO_REDIRECT_URI must be plain.'],
    [{ COOKIE_SECRET: 'planted' }, 'COOKIE_SECRET must have at least 32 characters.'],
    [{ MIRO_AUTHORIZE_URL: 'planted' }, 'MIRO_AUTHORIZE_URL must be an absolute URL.'],
    [{ MIRO_API_URL: 'ftp://planted' }, 'MIRO_API_URL must be an https URL; http is for loopback only.'],
    ...wrongUrls.map((url): [Environment, string] => {
      return [{ STORE_URL: url }, 'STORE_URL must begin with postgres:// or redis://, or name a file, such as file:miro.db.']
    }),
    ...['pla%nted', 'pla#nted', 'pla/nted', 'pla?nted', 'pla nted'].flatMap((password): Array<[Environment, string]> => [
      [{ STORE_URL: `redis://:${password}@localhost` }, escaped], [{ STORE_URL: `postgres://miro:${password}@localhost/miro` }, escaped]
    ]),
    ...Object.keys({ ...complete, STORE_URL: '', STORE_KEYS: '', HOST: '', PORT: '' }).flatMap((name) => edges.map((value): [Environment, string] => [
      { STORE_URL: 'redis://localhost', [name]: value },
      value.endsWith('d') || value.trim() !== value
        ? `${name} begins or ends with white space, such as a line break.`
        : `${name} stands in quotation marks: take them away.`
    ])),
    [{ STORE_KEYS: 'planted' }, 'STORE_URL is missing, while STORE_KEYS is set.'],
    [{ STORE_URL: 'redis://localhost', STORE_KEYS: `planted:${'A'.repeat(43)}` },
      `STORE_KEYS: number 1 repeats itself. ${howToMakeKeys}`],
    ...wrongPorts.map((port): [Environment, string] => [{ PORT: port }, 'PORT must be a number from 1 to 65535.'])
  ]
  for (const [changes, line] of cases) {
    const written = await startLine({ ...complete, ...changes })
    t.equal(written, line)
    t.notMatch(written, 'planted')
  }
})
