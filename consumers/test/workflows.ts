import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { root } from './fixtures/pnpm.js'

interface Step { uses?: string, run?: string }
interface Workflow { permissions: unknown, jobs: Record<string, { uses?: string, steps?: Step[] }> }

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const { packageManager, scripts } = JSON.parse(read('package.json')) as { packageManager: string, scripts: object }
const pinned = packageManager.split('+')[0] ?? ''

for (const name of readdirSync(join(root, '.github/workflows'))) {
  const text = read(`.github/workflows/${name}`)
  const { permissions, jobs } = parse(text) as Workflow
  const steps = Object.values(jobs).flatMap(({ steps = [] }) => steps)

  t.test(`workflows: ${name} may only read, but for jobs that say more`, async (t) => {
    t.same(permissions, { contents: 'read' })
  })

  t.test(`workflows: ${name} pins every action by the hash of a commit, with its version beside it`, async (t) => {
    const lines = Array.from(text.matchAll(/uses: (.*)$/gm), ([, line = '']) => line).filter((line) => !line.startsWith('./'))
    t.same(lines.filter((line) => !/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)), [])
    t.equal(lines.length, steps.filter(({ uses }) => uses !== undefined).length)
  })

  t.test(`workflows: ${name} calls scripts that exist, and the pinned pnpm`, async (t) => {
    const commands = steps.map(({ run = '' }) => run).join('\n')
    const called = Array.from(commands.matchAll(/npm run ([\w:]+)/g), ([, script = '']) => script)
    t.same(called.filter((script) => !Object.hasOwn(scripts, script)), [])
    t.same(Array.from(text.matchAll(/pnpm@[\d.]+/g), String).filter((used) => used !== pinned), [])
    for (const { uses } of Object.values(jobs)) if (uses !== undefined) t.ok(read(uses), uses)
  })
}

t.test('workflows: dependabot follows the actions and the packages', async (t) => {
  const { updates } = parse(read('.github/dependabot.yml')) as { updates: Array<Record<string, unknown>> }
  t.same(updates.map((update) => update['package-ecosystem']), ['github-actions', 'npm'])
})

t.test('workflows: changesets release all published packages at once', async (t) => {
  const { fixed } = JSON.parse(read('.changeset/config.json')) as { fixed: string[][] }
  t.same(fixed.map((group) => group.sort()), [readdirSync(join(root, 'packages')).map((name) => `@miro-oauth/${name}`).sort()])
})
