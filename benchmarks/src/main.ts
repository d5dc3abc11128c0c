import { performance } from 'node:perf_hooks'
import { GivenServerError } from '@miro-oauth/test-servers'
import { Servers } from './backend/servers.js'
import { describeRun } from './machine.js'
import { readOptions, usage, type Options } from './options.js'
import { toPlainTable } from './report/markdown.js'
import type { Measured, SectionResult } from './report/result.js'
import type { Section, SectionPlan } from './report/section.js'
import { prepareResults, writeResults } from './report/write-results.js'
import { sections } from './sections.js'

/** Closed in `finally`, so that no server is left after a failure. */
const servers = new Servers()

try {
  const options = await readOrExplain(process.argv.slice(2))
  if (options !== null) await run(options)
} finally {
  await servers.close()
}

async function readOrExplain (args: string[]): Promise<Options | null> {
  try {
    const options = readOptions(args)
    if (options.out !== null) await prepareResults(options.out)
    return options
  } catch (error) {
    process.exitCode = 1
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    return null
  }
}

async function run (options: Options): Promise<void> {
  const flags = process.argv.slice(2)
  const command = ['npm run bench', ...flags.length > 0 ? ['--'] : [], ...flags].join(' ')
  const info = await describeRun({ seed: options.seed, command })
  console.log(`Node.js ${info.node}, ${info.machine}, ${info.load}, seed ${options.seed}, at most ${options.minutes} minutes, about`)
  if (info.isBusy) console.log('The machine is busy with other programs: the numbers will be worth nothing.')
  const chosen = Object.entries(sections).filter(([name]) => options.only.has(name))
  const measured: Measured[] = []
  const endsAt = performance.now() + options.minutes * 60_000
  let weightLeft = chosen.reduce((sum, [, { weight }]) => sum + weight, 0)
  for (const [name, section] of chosen) {
    const now = performance.now()
    // What a section leaves of its time is for those after it.
    const untilMs = now + Math.max(0, endsAt - now) * section.weight / weightLeft
    weightLeft -= section.weight
    console.log(`\n# ${name}: ${section.title}`)
    const result = await runSection(section, toPlan(name, options, untilMs))
    if (result === null) continue
    measured.push({ name, run: { ...info, versions: { ...info.versions, ...servers.versions } }, result })
    for (const table of result.tables) console.log(`\n${toPlainTable(table)}`)
    if (result.noise !== null) console.log(`\n${result.noise}`)
    // After each section, so that a run that is cut off leaves what it has.
    if (options.out !== null) await writeResults(options.out, measured, Object.keys(sections))
  }
}

/** `null`: it failed, and the others go on; or what it needs is not on this machine. */
async function runSection (section: Section, plan: SectionPlan): Promise<SectionResult | null> {
  try {
    return await section.run(plan, toTools(section))
  } catch (error) {
    process.exitCode = 1
    console.error(error instanceof GivenServerError ? error.message : error)
    return null
  }
}

function toPlan (name: string, options: Options, untilMs: number): SectionPlan {
  const { rounds, ms, warmUpMs, starts, connections, seed, grants, due, only, profileTo } = options
  return {
    rounds,
    warmUps: Math.ceil(warmUpMs / ms),
    ms,
    starts,
    connections,
    seed,
    untilMs,
    grants,
    due,
    only: only.get(name) ?? null,
    execArgv: profileTo === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`]
  }
}

/** Prints how far a section is, at most every five seconds. */
function toTools ({ title }: Section): Parameters<Section['run']>[1] {
  let lastAt = performance.now()
  return {
    address: (kind) => servers.address(kind),
    progress (text) {
      if (performance.now() - lastAt < 5000) return
      lastAt = performance.now()
      console.log(`${title}: ${text}`)
    }
  }
}
