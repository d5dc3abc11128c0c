import { setTimeout as delay } from 'node:timers/promises'
import { blockingMs, setup } from './schema.js'
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js'
import { isBusy, SqliteError, toSqliteError } from './sqlite-error.js'

/** The machine's clock in epoch milliseconds, read once per statement and after the statement has its lock. */
export const nowMs = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"

/** The condition for a row that has not expired. */
export const isLive = `(expires_at IS NULL OR expires_at > ${nowMs})`

/** How long the event loop is free between two attempts. */
const pauseMs = 10

/** A connection that waits for other connections without holding up the event loop. */
export class Connection {
  readonly #database: SqliteDatabase
  readonly #attempts: number
  readonly #statements = new Map<string, SqliteStatement>()
  #isSetUp = false

  constructor (database: SqliteDatabase, { busyTimeoutMs }: { busyTimeoutMs: number }) {
    this.#database = database
    this.#attempts = 1 + Math.ceil(busyTimeoutMs / (blockingMs + pauseMs))
  }

  /** @throws {SqliteError} */
  async rows (sql: string, values: Record<string, SqliteValue>): Promise<unknown[]> {
    return this.#run(() => this.#prepare(sql).all(values))
  }

  /**
   * @returns how many rows the statement changed
   * @throws {SqliteError}
   */
  async changes (sql: string, values: Record<string, SqliteValue>): Promise<number> {
    return this.#run(() => Number(this.#prepare(sql).run(values).changes))
  }

  /** A statement is a transaction of its own. One that found the file locked has changed nothing, and is run again. */
  async #run<T> (operation: () => T): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#requireNoTransaction()
        this.#setUp()
        return operation()
      } catch (thrown) {
        const error = toSqliteError(thrown)
        if (!isBusy(error) || attempt === this.#attempts) throw error
      }
      await delay(pauseMs)
    }
  }

  /** A write in a transaction of the app would be acknowledged here, and undone by the app's ROLLBACK. */
  #requireNoTransaction (): void {
    if (this.#database.isTransaction === true || this.#database.inTransaction === true) {
      throw new SqliteError('A transaction is open on this connection: give the store a connection of its own.')
    }
  }

  #setUp (): void {
    if (this.#isSetUp) return
    this.#database.exec(setup)
    this.#isSetUp = true
  }

  #prepare (sql: string): SqliteStatement {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
