import { startFailureLine, type Environment } from '@miro-oauth/example-shared'
import t from 'tap'
import { buildApp } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { createDemoPeople } from '../src/people.js'
import { complete } from './fixtures/complete.js'

t.test('config: each wrong variable stops the start with one line that names it and does not show it', async (t) => {
  const cases: Array<[changes: Environment, line: string | null]> = [
    [{}, null],
    [{ SESSION_SECRET: undefined }, 'SESSION_SECRET is missing, while MIRO_CLIENT_ID is set.'],
    [{ SESSION_SECRET: 'planted' }, 'SESSION_SECRET must have at least 32 characters.'],
    [{ DEMO_PASSWORD: '' }, 'DEMO_PASSWORD is missing, while MIRO_CLIENT_ID is set.'],
    [{ DEMO_PASSWORD: 'planted' }, 'DEMO_PASSWORD must have at least 12 characters.'],
    [{ COOKIE_SECRET: undefined }, 'COOKIE_SECRET is missing, while MIRO_CLIENT_ID is set.'],
    [{ COOKIE_SECRET: 'planted' }, 'COOKIE_SECRET must have at least 32 characters.'],
    [{ MIRO_CLIENT_ID: undefined }, 'MIRO_CLIENT_ID is missing, while MIRO_CLIENT_SECRET is set.'],
    [{ MIRO_REDIRECT_URI: 'planted' }, 'MIRO_REDIRECT_URI must be an absolute URL.'],
    [{ PORT: 'planted' }, 'PORT must be a number from 1 to 65535.']
  ]
  for (const [changes, line] of cases) t.equal(await startLine({ ...complete, ...changes }), line)
})

t.test('config: without variables the stand-in is used, and each start has new secrets', async (t) => {
  const [one, other] = [readConfig({ MIRO_CLIENT_ID: '' }), readConfig({})]
  t.match(one, { host: 'localhost', port: 3000, miro: null, demoPassword: 'demo password' })
  t.not(one.sessionSecret, other.sessionSecret)
  t.not(one.cookieSecret, other.cookieSecret)
  t.ok(one.sessionSecret.length >= 32)
})

/**
 * Starts with this environment as far as it goes without a network.
 *
 * @returns the line that a failed start prints, else `null`
 */
async function startLine (environment: Environment): Promise<string | null> {
  try {
    const { miro, sessionSecret } = readConfig(environment)
    if (miro === null) return null
    const app = await buildApp({ miro, sessionSecret, people: await createDemoPeople('', { N: 2 }) })
    await app.close()
    return null
  } catch (error) {
    return startFailureLine(error)
  }
}
