import { emitWarning } from 'node:process'
import { toTexts, type Commands } from './commands.js'
import { addToIndexScript, indexPageScript, markScript } from './expiry-scripts.js'
import { codeOf } from './redis-failure.js'
import { runScript, type Script } from './script.js'

/** The kinds of records that `refreshDue` looks for. */
const indexed = /^miro:(grant|revocation):/

/**
 * How long an index counts as complete. A record that was written without it, by an older version or by a restore, is
 * found at the latest when it is made anew.
 */
const completeForSeconds = 7 * 86_400

/** The codes of refusals that an index may be the reason of; each comes before anything is written. */
const refusals: ReadonlySet<string | undefined> = new Set(['CROSSSLOT', 'NOPERM', 'WRONGTYPE', 'ERR'])

/** A page of an index, `null` where it does not have every record. */
export type IndexPage = { keys: string[], cursor?: string } | null

/**
 * For each of some kinds a sorted set of its keys by expiry, written together with the records. Only of one server: in
 * a Cluster a record and the set would be on different ones.
 */
export class ExpiryIndex {
  readonly #commands: Commands
  readonly #prefix: string
  #isOn: boolean
  #hasWarned = false

  /** @param prefix the text that the store puts before every key */
  constructor (commands: Commands, prefix: string) {
    this.#commands = commands
    this.#prefix = prefix
    this.#isOn = !commands.isCluster
  }

  /** The kind of the keys with a prefix, such as `miro:grant:`; `null`: they are in no index. */
  kindOf (prefix: string): string | null {
    return indexed.exec(prefix)?.[0] ?? null
  }

  /**
   * Runs work with the index, and where the server refuses it runs it again without one. If that succeeds, the index is
   * not used any more: a Cluster stands behind the address of one server and refuses two keys of different slots, or an
   * ACL forbids the index. Until then other calls go on with it, since the refusal may have another reason.
   */
  async attempt<T> (work: (withIndex: boolean) => Promise<T>): Promise<T> {
    const withIndex = this.#isOn
    try {
      return await work(withIndex)
    } catch (error) {
      const code = codeOf(error)
      if (!withIndex || !refusals.has(code)) throw error
      const done = await work(false)
      this.#isOn = false
      if (code !== 'CROSSSLOT') this.#warn()
      return done
    }
  }

  /** Redis took a record, and not its place in the index. */
  giveUp (): void {
    this.#warn()
    this.#isOn = false
  }

  /** The key of the set that holds a record's key, if one does. */
  setOf (key: string): string | null {
    const kind = this.kindOf(key)
    return kind === null ? null : this.#nameOf(kind)
  }

  /** The next page begins behind an expiry and a key. */
  async page (kind: string, { cursor = '-inf ', expiresBefore, limit }: {
    cursor: string | undefined
    expiresBefore: number | null
    limit: number
  }): Promise<IndexPage> {
    const [least = ''] = cursor.split(' ', 1)
    const most = expiresBefore === null ? '+inf' : `(${expiresBefore}`
    const args = [least, cursor.slice(least.length + 1), most, String(limit)]
    const page = toTexts(await this.#run(indexPageScript, [this.#nameOf(kind)], args))
    if (page[0] === 'incomplete') return null
    const keys = page.filter((_, index) => index % 2 === 1)
    return keys.length < limit ? { keys } : { keys, cursor: page.slice(-2).join(' ') }
  }

  /** Puts keys that were found without it into the index. */
  async add (kind: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    await this.#run(addToIndexScript, [this.#nameOf(kind), ...keys.map((key) => this.#prefix + key)], keys)
  }

  /** The index has every record from here on. */
  async markComplete (kind: string): Promise<void> {
    await this.#run(markScript, [this.#nameOf(kind)], [String(completeForSeconds)])
  }

  #run (script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return runScript(this.#commands, script, { keys, args: [...args] })
  }

  /** `miro:expiry:grant` for `miro:grant:`. */
  #nameOf (kind: string): string {
    return `${this.#prefix}miro:expiry:${kind.slice('miro:'.length, -1)}`
  }

  #warn (): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const reason = 'redisStore() may not keep its index on expiry, so that refreshDue looks at all keys.'
    emitWarning(`${reason} See "The index on expiry" in its README.`, { code: 'MIRO_REDIS_INDEX' })
  }
}
