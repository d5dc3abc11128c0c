import t from 'tap'
import { createEmulator, EmulatorOptionError, type EmulatorSeed } from '../src/index.js'
import { send, startEmulator } from './fixtures/visitor.js'

const CALLBACK = 'http://localhost:3000/auth/miro/callback'
const PANEL = 'http://127.0.0.1:3000/panel/'

t.test('app settings: sdkUri and redirectUriForSdk are none by default, and the home page shows them', async (t) => {
  const plain = await startEmulator(t)
  t.match(plain.app, { sdkUri: null, redirectUriForSdk: null })
  t.match((await send(plain.url)).text, /Page on the board \(sdkUri\)<\/dt><dd><code>none</)
  const emulator = await startEmulator(t, { seed: { app: { sdkUri: PANEL, redirectUriForSdk: CALLBACK } } })
  t.match(emulator.app, { sdkUri: PANEL, redirectUriForSdk: CALLBACK })
  const { text } = await send(emulator.url)
  t.match(text, `<dd><code>${PANEL}</code>`)
  t.match(text, `Redirect URI for the SDK</dt><dd><code>${CALLBACK}</code>`)
})

t.test('app settings: a wrong sdkUri or redirectUriForSdk is an EmulatorOptionError that names it', async (t) => {
  const wrong: [string, NonNullable<EmulatorSeed['app']>][] = [
    ['sdkUri', { sdkUri: '' }],
    ['sdkUri', { sdkUri: '/panel/' }],
    ['sdkUri', { sdkUri: 'javascript:alert(1)' }],
    ['sdkUri', { sdkUri: 'http://localhost:3000/ü' }],
    ['redirectUriForSdk', { redirectUriForSdk: '' }],
    ['redirectUriForSdk', { redirectUriForSdk: `${CALLBACK}/` }],
    ['redirectUriForSdk', { redirectUris: ['http://localhost/a'], redirectUriForSdk: CALLBACK }]
  ]
  for (const [part, app] of wrong) {
    await t.rejects(createEmulator({ seed: { app } }), EmulatorOptionError)
    await t.rejects(createEmulator({ seed: { app } }), { code: 'EMULATOR_OPTION', message: new RegExp(`seed.app.${part}`) })
  }
})

t.test('home page: links to Miro’s app form, filled in with the app', async (t) => {
  const scopes = ['boards:read']
  const read = async (app: NonNullable<EmulatorSeed['app']>) => {
    const emulator = await startEmulator(t, { seed: { app: { name: 'A & "B"', redirectUris: [CALLBACK], scopes, ...app } } })
    const [, link = ''] = /href="(https:\/\/miro\.com\/[^"]+)"/.exec((await send(emulator.url)).text) ?? []
    t.equal(emulator.appFormLink, link.replaceAll('&amp;', '&'))
    const { origin, pathname, searchParams } = new URL(link.replaceAll('&amp;', '&'))
    t.equal(origin + pathname, 'https://miro.com/app/settings/user-profile/apps/')
    t.same([...searchParams.keys()], ['appTemplate'])
    return JSON.parse(searchParams.get('appTemplate') ?? '')
  }
  const common = { appName: 'A & "B"', redirectUris: [CALLBACK], scopes }
  t.same(await read({ sdkUri: PANEL }), { ...common, sdkUri: PANEL })
  t.same(await read({}), common)
})

t.test('home page: links to the boards', async (t) => {
  const emulator = await startEmulator(t)
  const { text } = await send(emulator.url)
  t.match(text, /href="\/app\/board\/uXjVOD6LSME="><bdi>Onboarding journey<\/bdi><\/a>/)
})
