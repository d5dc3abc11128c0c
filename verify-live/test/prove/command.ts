import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url))

t.test('command: without a terminal it ends with 2 and one sentence, before it reads a credential', async (t) => {
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'pipe'], env: { MIRO_REDIRECT_URI: 'wrong' } })
  child.stdin.end('y\n'.repeat(20))
  const [output, problem, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  t.equal(code, 2)
  t.equal(output, '')
  t.match(problem, /^npm run verify:live needs a person at a terminal, .*\.\n$/)
})
