import type { SigtermResult } from '../plans/sigterm.js'
import type { Row } from './table.js'

/** The rows of a SIGTERM plan's column. */
export function sigtermRows ({ options, answered, exited, alive, failures }: SigtermResult): Row[] {
  return [
    ['store · seed', `${options.store} · ${options.seed}`],
    ['SIGTERM in the middle of a refresh', String(options.times)],
    ['the request under way was answered', String(answered)],
    ['the process ended by itself, with 0', String(exited)],
    ['**grants lost**', `**${options.times - alive}**`],
    ['what went wrong', failures.length === 0 ? 'nothing' : [...new Set(failures)].join('; ')]
  ]
}
