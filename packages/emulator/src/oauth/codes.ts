import { createOpaqueToken } from '../identifiers.js'

/** What a code is exchanged for, and what it is bound to. */
export interface CodeGrant {
  clientId: string
  redirectUri: string
  userId: string
  teamId: string
  /** What the authorize page got as `code_challenge`. */
  codeChallenge: string | null
}

const codeLifetimeMs = 10 * 60_000

/** Authorization codes. Each is single use and expires after ten minutes. */
export class Codes {
  readonly #codes = new Map<string, CodeGrant & { expiresAt: number }>()

  issue (grant: CodeGrant, now: number): string {
    for (const [code, { expiresAt }] of this.#codes) if (expiresAt <= now) this.#codes.delete(code)
    const code = createOpaqueToken()
    this.#codes.set(code, { ...grant, expiresAt: now + codeLifetimeMs })
    return code
  }

  /** Spends the code, even if the exchange is refused then: a wrong redirect URI or verifier cannot be tried again. */
  take (code: string, clientId: string, now: number): CodeGrant | undefined {
    const grant = this.#codes.get(code)
    if (grant === undefined || grant.clientId !== clientId) return undefined
    this.#codes.delete(code)
    return now < grant.expiresAt ? grant : undefined
  }
}
