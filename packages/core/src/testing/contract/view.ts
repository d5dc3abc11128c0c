import assert from 'node:assert/strict'
import type { CasResult, Entry, Store, Versioned } from '../../store/store.js'

/** The store and the clock of a case. */
export interface View {
  store: Store
  wait: (ms: number) => Promise<void>
  now: () => number
}

/** Cases by name; a name says what the store promises. */
export type Checks = Record<string, (view: View) => Promise<void>>

/** A key as this package makes them. */
export function keyOf (name: string): string {
  return `miro:grant:contract:${encodeURIComponent(name)}`
}

export function entryOf (body: string, expiresAt: number | null = null): Entry {
  return { body, expiresAt }
}

/** A write that must succeed. @returns its version */
export async function write (store: Store, key: string, expected: string | null, next: Entry | null): Promise<string> {
  const result = await store.cas(key, expected, next)
  assert.ok(result.ok, 'a cas that expects what is there succeeds')
  assert.equal(typeof result.version, 'string')
  return result.version
}

/** A read that must find an entry. */
export async function read (store: Store, key: string): Promise<Versioned> {
  const found = await store.get(key)
  assert.ok(found !== null, 'the entry is there')
  return found
}

/** Takes the current entry out of a cas that must have failed. */
export function currentOf (result: CasResult): Versioned | null {
  assert.ok(!result.ok, 'a cas that expects something else fails')
  return result.current
}

/** Asserts that a read entry is the one that was written. */
export function assertSame (found: Versioned | null, { body, expiresAt }: Entry, version: string): void {
  assert.ok(found !== null, 'the entry is there')
  assert.deepEqual({
    body: found.body,
    expiresAt: found.expiresAt,
    version: found.version
  }, { body, expiresAt, version })
}
