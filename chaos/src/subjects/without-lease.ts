import type { CasResult, Store, Versioned } from '@miro-oauth/core'
import { withoutLease } from '../stores/core-record.js'
import { createOurs } from './ours.js'
import type { Subject, SubjectParts } from './subject.js'

/** Ours over a store that hides every lease: two processes refresh one grant, and the judge must find the losses. */
export function createWithoutLease (parts: SubjectParts): Subject {
  return createOurs(parts, ({ get, cas }: Store): Store => ({
    get: async (key) => hideLease(await get(key)),
    async cas (key, expected, next): Promise<CasResult> {
      const result = await cas(key, expected, next)
      return result.ok ? result : { ok: false, current: hideLease(result.current) }
    }
  }))
}

function hideLease (found: Versioned | null): Versioned | null {
  return found === null ? null : { ...found, body: withoutLease(found.body) }
}
