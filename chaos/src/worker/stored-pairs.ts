import type { CasResult, Store } from '@miro-oauth/core'
import type { PlainTexts } from '../stores/open-store.js'
import { refreshTokenIn } from '../stores/refresh-token.js'

/** Called with every refresh token that is written to the store or read from it. */
export type OnStored = (refreshToken: string) => void

const rememberedTokens = 5000

/** Wraps a store, to report the refresh token of every record that it takes or returns. */
export function watchedStore (store: Store, onStored: OnStored): Store {
  const getAll = store.getAll?.bind(store)
  return {
    ...(getAll === undefined
      ? {}
      : {
          async getAll (keys) {
            const all = await getAll(keys)
            for (const found of all) if (!(found instanceof Error)) report(found?.body, onStored)
            return all
          }
        }),
    async get (key) {
      const found = await store.get(key)
      report(found?.body, onStored)
      return found
    },
    async cas (key, expected, next): Promise<CasResult> {
      const result = await store.cas(key, expected, next)
      report(result.ok ? next?.body : result.current?.body, onStored)
      return result
    }
  }
}

/** The same for the texts of the subjects that bring no store of their own. */
export function watchedTexts (texts: PlainTexts, onStored: OnStored): PlainTexts {
  return {
    async get (userId) {
      const text = await texts.get(userId)
      report(text, onStored)
      return text
    },
    async set (userId, text) {
      await texts.set(userId, text)
      report(text, onStored)
    },
    delete: (userId) => texts.delete(userId)
  }
}

function report (text: string | null | undefined, onStored: OnStored): void {
  const refreshToken = text == null ? null : refreshTokenIn(text)
  if (refreshToken !== null) onStored(refreshToken)
}

/** Passes each token on once, because most reads find the token of the read before; after 5000 others, once more. */
export function oncePerToken (onStored: OnStored): OnStored {
  const reported = new Set<string>()
  return (refreshToken) => {
    if (reported.has(refreshToken)) return
    if (reported.size > rememberedTokens) reported.clear()
    reported.add(refreshToken)
    onStored(refreshToken)
  }
}
