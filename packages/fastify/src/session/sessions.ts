import { hash, randomBytes } from 'node:crypto'
import { RecordError, type Clock, type Entry, type GrantRef, type Store } from '@miro-oauth/core'
import { ParsedBodies, storeKey } from '@miro-oauth/core/internal'

/** A grant, and the consent it had at login. Where the grant has another consent now, the session is void. */
interface SessionGrant extends GrantRef {
  consentId: string
}

/** The record of a session. */
interface Session extends SessionGrant {
  /** Epoch milliseconds. */
  createdAt: number
  touchedAt: number
}

/** What sessions are kept in, and for how long. */
interface SessionsOptions {
  store: Store
  clock: Clock
  clientId: string
  idleMs: number
  absoluteMs: number
}

/**
 * The plugin's own sessions. The browser holds a random id, and the store only its hash: a copy of the store signs no
 * one in. Each login begins a session with a new id, which is the protection against session fixation.
 */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #parsed = new ParsedBodies<Session>()

  constructor (options: SessionsOptions) {
    this.#options = options
  }

  /** Begins a session. Returns its id: 256 random bits. @throws {StoreError} */
  async begin ({ userId, teamId, consentId }: SessionGrant): Promise<string> {
    const { store, clock } = this.#options
    const id = randomBytes(32).toString('base64url')
    const now = clock.now()
    await store.cas(this.keyOf(id), null, this.#entry({ userId, teamId, consentId, createdAt: now, touchedAt: now }))
    return id
  }

  /**
   * The session of an id; `null` once it was idle too long, is too old or was ended.
   *
   * @throws {StoreError | RecordError}
   */
  async find (id: string): Promise<Session | null> {
    const key = this.keyOf(id)
    const found = await this.#options.store.get(key)
    if (found === null) return null
    const session = this.#parsed.read(key, found, parseSession)
    this.#touch(key, found.version, session)
    return session
  }

  /** Makes another grant the session's. `false`: the session has ended. @throws {StoreError | RecordError} */
  async changeGrant (id: string, { userId, teamId, consentId }: SessionGrant): Promise<boolean> {
    const { store } = this.#options
    const key = this.keyOf(id)
    for (let current = await store.get(key); current !== null;) {
      const session = { ...parseSession(current.body), userId, teamId, consentId }
      const result = await store.cas(key, current.version, this.#entry(session))
      if (result.ok) return true
      current = result.current
    }
    return false
  }

  /** Ends a session. @throws {StoreError} */
  async end (id: string): Promise<void> {
    const { store } = this.#options
    const key = this.keyOf(id)
    for (let current = await store.get(key); current !== null;) {
      const result = await store.cas(key, current.version, null)
      current = result.ok ? null : result.current
    }
  }

  /** The session's key in the store: a hash, which does not tell the id. */
  keyOf (id: string): string {
    return storeKey('session', this.#options.clientId, hash('sha256', id, 'base64url'))
  }

  /**
   * Notes that a session was used. Detached, and only once a tenth of the idle time has passed: a read must not cost a
   * write.
   */
  #touch (key: string, version: string, session: Session): void {
    const { store, clock, idleMs } = this.#options
    const now = clock.now()
    if (now - session.touchedAt < idleMs / 10) return
    store.cas(key, version, this.#entry({ ...session, touchedAt: now })).catch(() => {})
  }

  /** The record expires after the idle time, and `absoluteMs` after login even when it is in use. */
  #entry (session: Session): Entry {
    const { idleMs, absoluteMs } = this.#options
    const expiresAt = Math.min(session.touchedAt + idleMs, session.createdAt + absoluteMs)
    return { body: JSON.stringify(session), expiresAt }
  }
}

function parseSession (body: string): Session {
  try {
    const session: unknown = JSON.parse(body)
    if (isSession(session)) return session
  } catch {
    // Not JSON: the same failure as JSON of another shape.
  }
  throw new RecordError()
}

function isSession (value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return ['userId', 'teamId', 'consentId'].every((name) => typeof fields[name] === 'string') &&
    ['createdAt', 'touchedAt'].every((name) => typeof fields[name] === 'number')
}
