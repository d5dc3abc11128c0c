import type { Versioned } from '@miro-oauth/core'
import type { Commands } from './commands.js'
import { parseReadReply } from './record-reply.js'
import { codeOf } from './redis-failure.js'
import { readScript, runScript } from './script.js'

/** The keys of one run of the script, which holds up all other commands of its server. */
const longestRun = 100

/** Reads records, several in one run of a script where one server has them all. */
export class RecordReader {
  readonly #commands: Commands
  #takesSeveral: boolean

  constructor (commands: Commands) {
    this.#commands = commands
    this.#takesSeveral = !commands.isCluster
  }

  /** The records of keys, in their order; a {@link RecordError} in the place of a value of another app. */
  async readAll (keys: readonly string[], part: 'whole' | 'heads'): Promise<Array<Versioned | null | Error>> {
    const size = this.#takesSeveral ? longestRun : 1
    if (keys.length <= size) return this.#run(keys, part)
    const count = Math.ceil(keys.length / size)
    const runs = Array.from({ length: count }, (_, index) => keys.slice(index * size, (index + 1) * size))
    return (await Promise.all(runs.map((run) => this.#run(run, part)))).flat()
  }

  async #run (keys: readonly string[], part: 'whole' | 'heads'): Promise<Array<Versioned | null | Error>> {
    try {
      return parseReadReply(await runScript(this.#commands, readScript, { keys, args: [part] }))
    } catch (error) {
      if (codeOf(error) !== 'CROSSSLOT' || keys.length === 1) throw error
      // A client of one server, and a proxy or a node of a Cluster behind its address.
      this.#takesSeveral = false
      return this.readAll(keys, part)
    }
  }
}
