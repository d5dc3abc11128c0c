import type { CasResult, Store, Versioned } from '@miro-oauth/core'
import { createOurs } from './ours.js'
import type { Subject, SubjectParts } from './subject.js'

/** Ours over a store that shows nobody a claim, as if there were none. Whoever judges must notice. */
export function createBlind (parts: SubjectParts): Subject {
  return createOurs(parts, ({ get, cas }: Store): Store => ({
    get: async (key) => withoutClaim(await get(key)),
    async cas (key, expected, next): Promise<CasResult> {
      const result = await cas(key, expected, next)
      return result.ok ? result : { ok: false, current: withoutClaim(result.current) }
    }
  }))
}

function withoutClaim (found: Versioned | null): Versioned | null {
  return found === null ? null : { ...found, body: found.body.replace(/"claim":\{[^}]*\}/, '"claim":null') }
}
