import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { startMiro } from './fixtures/web.js'

t.test('script: it lists the boards of its one token, and asks for no other token', async (t) => {
  const emulator = await startMiro(t, '/none')
  const { accessToken } = emulator.issueTokens(emulator.person('Ada Lovelace'))
  process.env['MIRO_ACCESS_TOKEN'] = accessToken
  const lines: string[] = []
  const { fetch } = globalThis
  const { log } = console
  t.teardown(() => {
    Reflect.deleteProperty(process.env, 'MIRO_ACCESS_TOKEN')
    Object.assign(globalThis, { fetch })
    Object.assign(console, { log })
  })
  // The script is the reader's to the letter, and goes to Miro itself.
  Object.assign(globalThis, {
    fetch: (url: string, init: RequestInit) => fetch(url.replace('https://api.miro.com', emulator.apiUrl), init)
  })
  Object.assign(console, { log: (...parts: string[]) => { lines.push(parts.join(' ')) } })
  await import('../src/script.js')
  t.equal(lines.length, 8)
  t.match(lines, [/^u\S+= Onboarding journey$/])
  t.same(new Set(emulator.log.map(({ path }) => path)), new Set(['/v2/boards']))
})

t.test('documents: the README of core shows the recipes for Express and for a script to the letter', async (t) => {
  const readme = readFileSync(resolve('../../packages/core/README.md'), 'utf8')
  for (const name of ['express', 'script']) {
    t.ok(readme.includes(`\`\`\`ts\n${readFileSync(resolve(`src/${name}.ts`), 'utf8')}\`\`\`\n`), name)
  }
})
