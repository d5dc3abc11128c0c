import { createOpaqueToken } from '../identifiers.js'

/** What a code stands for until it is exchanged. */
export interface CodeGrant {
  clientId: string
  redirectUri: string
  userId: string
  teamId: string
}

const codeLifetimeMs = 10 * 60_000

/** Authorization codes: each works once, within ten minutes. */
export class Codes {
  readonly #codes = new Map<string, CodeGrant & { expiresAt: number }>()

  issue (grant: CodeGrant, now: number): string {
    for (const [code, { expiresAt }] of this.#codes) if (expiresAt <= now) this.#codes.delete(code)
    const code = createOpaqueToken()
    this.#codes.set(code, { ...grant, expiresAt: now + codeLifetimeMs })
    return code
  }

  /** Spends the code, even if the exchange is then refused: a guess must not get a second try. */
  take (code: string, clientId: string, now: number): CodeGrant | undefined {
    const grant = this.#codes.get(code)
    if (grant === undefined || grant.clientId !== clientId) return undefined
    this.#codes.delete(code)
    return now < grant.expiresAt ? grant : undefined
  }
}
