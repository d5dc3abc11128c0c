import assert from 'node:assert/strict'
import type { Store, Versioned } from '../store/store.js'
import { findUnexplained, type Step } from './order-of-steps.js'

/** How much {@link checkLinearizability} does, and with which key. */
export interface LinearizabilityOptions {
  /** Of no entry yet; there is none afterwards either. */
  key: string
  /** How many call the store at the same time. */
  writers: number
  /** How many calls each writer makes, one after the other. */
  operations: number
  /** Decides what each writer does, but not when. */
  seed: number
}

/** The calls of all writers, and the body of each version. */
interface History {
  steps: Step[]
  bodies: Map<string, string>
  seen: Versioned[]
  ticks: number
}

/**
 * Lets writers get, insert, update and delete one entry at the same time, and looks for an order of all their calls
 * that explains every result: each call takes effect at one instant between its call and its return.
 *
 * The `current` of a failed `cas` may be of a later instant than its failure, within the call.
 *
 * @param stores the store, or several that share what they store: the writers take turns in using them
 * @throws {AssertionError} there is no such order, or an entry came back that no writer wrote
 * @see J. Wing and C. Gong, Testing and Verifying Concurrent Objects (1993)
 */
export async function checkLinearizability (
  stores: Store | Store[],
  { key, writers, operations, seed }: LinearizabilityOptions
): Promise<void> {
  const all = Array.isArray(stores) ? stores : [stores]
  const history: History = { steps: [], bodies: new Map(), seen: [], ticks: 0 }
  await Promise.all(Array.from({ length: writers }, (_, index) => {
    const store = all[index % all.length]
    assert.ok(store !== undefined, 'there is a store')
    return work(new Writer(store, key, history), { name: `writer ${index}`, operations, random: randomOf(seed * 1000 + index) })
  }))
  for (const store of all) {
    const version = await new Writer(store, key, history).get('at last')
    if (store === all.at(-1) && version !== null) await store.cas(key, version, null)
  }
  for (const { version, body } of history.seen) assert.equal(body, history.bodies.get(version), 'what is read was written, under the version it is read at')
  assert.ok(history.bodies.size > 0, 'something was written')
  const unexplained = findUnexplained(history.steps)
  assert.ok(unexplained === null, `No order of the calls explains their results: ${unexplained ?? ''}`)
}

async function work (writer: Writer, { name, operations, random }: {
  name: string
  operations: number
  random: () => number
}): Promise<void> {
  let seen: string | null = null
  let stale: string | null = null
  for (let operation = 0; operation < operations; operation++) {
    const dice = random()
    const expected: string | null = dice < 0.3 ? null : dice < 0.4 ? stale : seen
    const body: string | null = expected !== null && dice > 0.9 ? null : `${name}, write ${operation}`
    const before: string | null = seen
    seen = dice < 0.2 ? await writer.get(name) : await writer.cas(name, expected, body)
    if (seen !== before) stale = before
  }
}

/** Calls a store, and notes its answers. Each method returns the version that the store last told. */
class Writer {
  constructor (readonly store: Store, readonly key: string, readonly history: History) {}

  async get (name: string): Promise<string | null> {
    const calledAt = this.history.ticks++
    const found = await this.#read(calledAt % 2 === 1)
    return this.#sees(found, { name: `${name} gets`, calledAt, returnedAt: this.history.ticks++ })
  }

  /** Where the store reads several keys at once, every other read is one of those. */
  async #read (isAlone: boolean): Promise<Versioned | null> {
    const { store, key } = this
    if (isAlone || store.getAll === undefined) return store.get(key)
    const [found = null] = await store.getAll([key, `${key}:other`])
    if (found instanceof Error) throw found
    return found
  }

  async cas (name: string, expected: string | null, body: string | null): Promise<string | null> {
    const calledAt = this.history.ticks++
    const result = await this.store.cas(this.key, expected, body === null ? null : { body, expiresAt: null })
    const call = { calledAt, returnedAt: this.history.ticks++ }
    if (!result.ok) {
      const failure = { ...call, name: `${name} finds another than ${String(expected)}`, from: (version: string | null) => version !== expected }
      this.history.steps.push(failure)
      return this.#sees(result.current, { ...call, name: `${name} finds`, first: failure })
    }
    const to = body === null ? null : result.version
    this.history.steps.push({ ...call, name: `${name} turns ${String(expected)} into ${String(to)}`, from: (version) => version === expected, to })
    if (body === null) return null
    assert.ok(!this.history.bodies.has(result.version), 'a version is never used twice')
    this.history.bodies.set(result.version, body)
    return to
  }

  #sees (found: Versioned | null, step: Omit<Step, 'from'>): string | null {
    const version = found?.version ?? null
    if (found !== null) this.history.seen.push(found)
    this.history.steps.push({ ...step, name: `${step.name} ${String(version)}`, from: (current) => current === version })
    return version
  }
}

/** A small generator (mulberry32), so that a seed says everything. */
function randomOf (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
