import t from 'tap'
import { toPanelPolicy } from '../src/panel/panel-policy.js'

const frames = 'frame-ancestors https://miro.com https://*.miro.com'

t.test('page: a policy of the host keeps what it says, but for who may frame the page and where the Web SDK comes from', async (t) => {
  for (const [given, expected] of [
    [undefined, frames],
    ['', frames],
    ["default-src 'self'", `default-src 'self'; ${frames}; script-src 'self' https://miro.com`],
    ["default-src 'none'", `default-src 'none'; ${frames}; script-src https://miro.com`],
    ["script-src 'nonce-x' 'self'", `script-src 'nonce-x' 'self' https://miro.com; ${frames}`],
    ["Script-Src 'none'; FRAME-ANCESTORS 'none'; img-src *", `script-src https://miro.com; ${frames}; img-src *`],
    ["script-src 'self'; script-src-elem 'self'", `script-src 'self'; script-src-elem 'self' https://miro.com; ${frames}`],
    ["frame-ancestors 'self', default-src 'self'", `${frames}, default-src 'self'; ${frames}; script-src 'self' https://miro.com`],
    ["script-src 'self'; script-src *", `script-src 'self' https://miro.com; ${frames}`],
    [' ; frame-ancestors  *  https://evil.example ;; ', frames]
  ] as const) {
    t.equal(toPanelPolicy(given, 'https://miro.com'), expected, given ?? 'none')
  }
  t.equal(toPanelPolicy(undefined, 'http://localhost:4100'), 'frame-ancestors http://localhost:4100')
})
