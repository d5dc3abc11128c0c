import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'

/** One secret at least: the first seals, all open. */
export type CookieSecrets = readonly [string, ...string[]]

/** What a flow remembers between login and callback, in the browser it began in. */
export interface Flow {
  state: string
  /** Absolute URL on our own origin. */
  returnTo: string
  /** A hash of the app user who began it; `null` in sign-in mode. */
  appUserHash: string | null
  /** Epoch milliseconds. */
  startedAt: number
}

/** Seals flows into cookie values, each bound to its cookie's name, and opens them again. */
export interface FlowSeal {
  seal: (cookieName: string, flow: Flow) => Promise<string>
  /** `null`: forged, truncated, from another cookie, or sealed under a secret that is gone. */
  open: (cookieName: string, value: string) => Promise<Flow | null>
}

/** Makes a {@link FlowSeal}. */
export function createFlowSeal ([first, ...others]: CookieSecrets): FlowSeal {
  const sealingKey = toKey(first)
  const keys = [sealingKey, ...others.map(toKey)]

  async function openWith (key: Uint8Array, cookieName: string, value: string): Promise<Flow | null> {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(value, key, {
        keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM']
      })
      if (protectedHeader['cookie'] !== cookieName) return null
      const flow: unknown = JSON.parse(new TextDecoder().decode(plaintext))
      return isFlow(flow) ? flow : null
    } catch {
      return null
    }
  }

  return {
    async seal (cookieName, flow) {
      return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(flow)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cookie: cookieName })
        .encrypt(sealingKey)
    },

    async open (cookieName, value) {
      for (const key of keys) {
        const flow = await openWith(key, cookieName, value)
        if (flow !== null) return flow
      }
      return null
    }
  }
}

function toKey (secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'miro-oauth flow cookie', 32))
}

function isFlow (value: unknown): value is Flow {
  return typeof value === 'object' && value !== null && 'state' in value && typeof value.state === 'string' &&
    'returnTo' in value && typeof value.returnTo === 'string' && 'startedAt' in value && typeof value.startedAt === 'number' &&
    'appUserHash' in value && (value.appUserHash === null || typeof value.appUserHash === 'string')
}
