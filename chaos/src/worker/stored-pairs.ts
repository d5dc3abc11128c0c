import type { CasResult, Store } from '@miro-oauth/core'
import type { PlainTexts } from '../stores/open-store.js'
import { refreshTokenIn } from '../stores/refresh-token.js'

/** Told of every refresh token that is seen in the store. */
export type OnStored = (refreshToken: string) => void

/** Tells of what a store took and of what was read in it. */
export function watchedStore (store: Store, onStored: OnStored): Store {
  const tell = (entry: { body: string } | null): void => { tellOf(entry?.body, onStored) }
  return {
    async get (key) {
      const found = await store.get(key)
      tell(found)
      return found
    },
    async cas (key, expected, next): Promise<CasResult> {
      const result = await store.cas(key, expected, next)
      tell(result.ok ? next : result.current)
      return result
    }
  }
}

export function watchedTexts (texts: PlainTexts, onStored: OnStored): PlainTexts {
  return {
    async get (userId) {
      const text = await texts.get(userId)
      tellOf(text, onStored)
      return text
    },
    async set (userId, text) {
      await texts.set(userId, text)
      tellOf(text, onStored)
    },
    delete: (userId) => texts.delete(userId)
  }
}

function tellOf (text: string | null | undefined, onStored: OnStored): void {
  const refreshToken = text == null ? null : refreshTokenIn(text)
  if (refreshToken !== null) onStored(refreshToken)
}

/** Most looks find what the last one found: it is told once, and again only after much else. */
export function oncePerToken (onStored: OnStored): OnStored {
  const told = new Set<string>()
  return (refreshToken) => {
    if (told.has(refreshToken)) return
    if (told.size > 5000) told.clear()
    told.add(refreshToken)
    onStored(refreshToken)
  }
}
