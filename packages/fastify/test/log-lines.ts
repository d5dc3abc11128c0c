import type { AddressInfo } from 'node:net'
import t from 'tap'
import { rawAnswer } from './fixtures/raw-requests.js'
import { createWorld } from './fixtures/world.js'

for (const [name, useSemicolonDelimiter] of [['with useSemicolonDelimiter', true], ['by default', false]] as const) {
  t.test(`log: no line shows what stands behind the path of our routes, ${name}`, async (t) => {
    const lines: string[] = []
    const logger = { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } }
    const { app } = await createWorld(t, {}, { logger, routerOptions: { useSemicolonDelimiter } as object })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const delimiters = useSemicolonDelimiter ? ['?', ';', '#', ';?', '#;', ';x=1?', ';#'] : ['?', '#', '#?', '?;', '?#']
    for (const path of ['/auth/miro/callback', '/auth/miro/login']) {
      for (const delimiter of delimiters) {
        const before = lines.length
        const target = `${path}${delimiter}code=planted&state=planted`
        await rawAnswer(port, `GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`)
        t.ok(lines.slice(before).some((line) => line.includes(`"url":"${path}"`)), target)
      }
    }
    t.notMatch(lines.join(''), 'planted')
  })
}
