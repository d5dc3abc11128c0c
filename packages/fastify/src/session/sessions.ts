import { hash, randomBytes } from 'node:crypto'
import { RecordError, type Clock, type GrantRef, type Store } from '@miro-oauth/core'
import { ParsedBodies, storeKey } from '@miro-oauth/core/internal'

/** Who is signed in: a grant, and the consent it had at login. Where the consent differs now, the session is void. */
interface Session extends GrantRef {
  consentId: string
  /** Epoch milliseconds. */
  createdAt: number
  touchedAt: number
}

/** Sessions on the server. The browser holds a random id; the store holds only its hash. */
export interface Sessions {
  /** Begins a session. Returns its id: 256 random bits. */
  begin: (grant: GrantRef & { consentId: string }) => Promise<string>
  /** The session of an id, until the store lets it end: idle or too old. Notes that it was used, now and then. */
  find: (id: string) => Promise<Session | null>
  /** Makes another grant the session's. `false`: the session is gone. */
  move: (id: string, grant: GrantRef & { consentId: string }) => Promise<boolean>
  end: (id: string) => Promise<void>
  /** The session's key in the store, which does not tell its id. */
  keyOf: (id: string) => string
}

/** Makes {@link Sessions}. */
export function createSessions ({ store, clock, clientId, idleMs, absoluteMs }: {
  store: Store
  clock: Clock
  clientId: string
  idleMs: number
  absoluteMs: number
}): Sessions {
  const parsed = new ParsedBodies<Session>()
  const keyOf = (id: string): string => storeKey('session', clientId, hash('sha256', id, 'base64url'))

  /** The store lets it end: after the idle time, and after its whole time whatever happens. */
  function entry (session: Session): { body: string, expiresAt: number } {
    const expiresAt = Math.min(session.touchedAt + idleMs, session.createdAt + absoluteMs)
    return { body: JSON.stringify(session), expiresAt }
  }

  /** Detached, and only when a tenth of the idle time has passed: a read must not cost a write. */
  function touch (key: string, version: string, session: Session): void {
    const now = clock.now()
    if (now - session.touchedAt < idleMs / 10) return
    store.cas(key, version, entry({ ...session, touchedAt: now })).catch(() => {})
  }

  return {
    keyOf,

    async begin ({ userId, teamId, consentId }) {
      const id = randomBytes(32).toString('base64url')
      const now = clock.now()
      await store.cas(keyOf(id), null, entry({ userId, teamId, consentId, createdAt: now, touchedAt: now }))
      return id
    },

    async find (id) {
      const key = keyOf(id)
      const found = await store.get(key)
      if (found === null) return null
      const session = parsed.read(key, found, parseSession)
      touch(key, found.version, session)
      return session
    },

    async move (id, { userId, teamId, consentId }) {
      const key = keyOf(id)
      for (let current = await store.get(key); current !== null;) {
        const session = { ...parseSession(current.body), userId, teamId, consentId }
        const result = await store.cas(key, current.version, entry(session))
        if (result.ok) return true
        current = result.current
      }
      return false
    },

    async end (id) {
      const key = keyOf(id)
      for (let current = await store.get(key); current !== null;) {
        const result = await store.cas(key, current.version, null)
        current = result.ok ? null : result.current
      }
    }
  }
}

function parseSession (body: string): Session {
  try {
    const session: unknown = JSON.parse(body)
    if (isSession(session)) return session
  } catch {
    // Not JSON: the same failure as any other foreign body.
  }
  throw new RecordError()
}

function isSession (value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return ['userId', 'teamId', 'consentId'].every((name) => typeof fields[name] === 'string') &&
    ['createdAt', 'touchedAt'].every((name) => typeof fields[name] === 'number')
}
