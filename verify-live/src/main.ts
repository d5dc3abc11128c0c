import { setTimeout as wait } from 'node:timers/promises'
import { ConfigError, readConfig } from './config.js'
import { openReportFile } from './report-file.js'
import { openTerminal } from './terminal.js'
import { verify } from './verify.js'

const file = 'verify-live.json'

const introduction = `This asks Miro what its documentation leaves open. You need a browser that is signed in to Miro, and some
twenty minutes; one more hour for the last question. Take an app and a team that nobody needs: grants of yours are ended
on the way. What is found goes to ${file}: no token, code, secret or id.`

/** Returns the exit code: 2 for a start that cannot be. */
async function run (): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.error('npm run verify:live needs a person at a terminal, since grants are ended and links are to be opened.')
    return 2
  }
  readEnvironmentFile()
  const config = readConfig(process.env)
  const terminal = openTerminal(() => { process.exit(130) })
  try {
    terminal.tell(introduction)
    if (!await terminal.confirm(`${config.redirectUri} is a redirect URI of the app. Begin?`)) return 0
    const save = openReportFile(file)
    await verify({ config, person: terminal, wait, now: () => new Date(), save })
    terminal.tell(`The answers are in ${file}.`)
    return 0
  } finally {
    terminal.close()
  }
}

/** A variable of the real environment wins over the file, which need not be there. */
function readEnvironmentFile (): void {
  try {
    process.loadEnvFile()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw new ConfigError(`.env cannot be read (${codeOf(error)}).`)
  }
}

try {
  process.exitCode = await run()
} catch (error) {
  const line = startFailure(error)
  if (line === null) throw error
  console.error(line)
  process.exitCode = 2
}

/** `null`: it is not the settings' fault. */
function startFailure (error: unknown): string | null {
  if (error instanceof ConfigError) return error.message
  if (codeOf(error) === 'EADDRINUSE') return 'The port of MIRO_REDIRECT_URI is taken: stop what listens there.'
  if (error instanceof Error && 'syscall' in error && error.syscall === 'listen') {
    return `MIRO_REDIRECT_URI: this script cannot listen there (${codeOf(error)}).`
  }
  return null
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
