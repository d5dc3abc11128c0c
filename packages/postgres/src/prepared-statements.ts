import { createHash } from 'node:crypto'
import { emitWarning } from 'node:process'
import { PostgresError } from './postgres-error.js'
import type { PostgresPool } from './postgres-pool.js'
import { run, type Result } from './statement.js'

/**
 * The SQLSTATEs of a prepared statement that the backend does not know, or knows already, or whose columns have another
 * type since (`cached plan must not change result type`): the connection would refuse it until it is closed.
 */
const lostStatement: ReadonlySet<string | undefined> = new Set(['26000', '42P05', '0A000'])

/**
 * Runs statements by a name, so that each connection has them parsed and planned once.
 *
 * A pooler may send a named statement to a backend that never saw it. The backend refuses it before anything is
 * executed, so that it is run again without a name, as are all later ones.
 */
export class PreparedStatements {
  readonly #pool: PostgresPool
  readonly #names = new Map<string, string>()
  #areNamed: boolean

  constructor (pool: PostgresPool, { areNamed }: { areNamed: boolean }) {
    this.#pool = pool
    this.#areNamed = areNamed
  }

  /** @throws {PostgresError} */
  async run (text: string, values: unknown[]): Promise<Result> {
    if (!this.#areNamed) return run(this.#pool, { text, values })
    try {
      return await run(this.#pool, { name: this.#nameOf(text), text, values })
    } catch (error) {
      if (!(error instanceof PostgresError) || !lostStatement.has(error.code)) throw error
      this.#goOnWithoutNames()
      return run(this.#pool, { text, values })
    }
  }

  /** Made of the text: `pg` refuses one name for two texts, which two versions of this package may send. */
  #nameOf (text: string): string {
    const name = this.#names.get(text) ?? `miro_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
    this.#names.set(text, name)
    return name
  }

  #goOnWithoutNames (): void {
    if (!this.#areNamed) return
    this.#areNamed = false
    emitWarning('postgresStore() goes on without named statements: a pooler or the app took one away. Set namedStatements: false.', { code: 'MIRO_POSTGRES_STATEMENTS' })
  }
}
