import { hash, hkdfSync } from 'node:crypto'
import type { CookieSeal } from '../http/cookie-seal.js'
import type { SealedFlow } from './flow.js'

/** A flow with the code verifier of PKCE, where it was begun with one. */
type OpenedFlow = SealedFlow & { codeVerifier: string | null }

/** Seals flows into cookie values, and opens them again. */
export class FlowSeal {
  readonly #seal: CookieSeal

  constructor (seal: CookieSeal) {
    this.#seal = seal
  }

  async seal (cookieName: string, flow: SealedFlow): Promise<string> {
    return this.#seal.seal(cookieName, serialize(flow), flow.startedAt)
  }

  /** `null`: the value holds no flow of ours, or is another cookie's. */
  async open (cookieName: string, value: string, state: string): Promise<OpenedFlow | null> {
    const opened = await this.#seal.open(cookieName, value)
    const flow = opened === null ? null : parseFlow(opened.plain, opened.sealedAt)
    if (opened === null || flow === null) return null
    return { ...flow, codeVerifier: flow.hasVerifier ? codeVerifierOf(opened.secret, state) : null }
  }

  /** The PKCE challenge of a flow that is begun now, by the method S256 (RFC 7636, section 4.2). */
  codeChallenge (state: string): string {
    return hash('sha256', codeVerifierOf(this.#seal.secret, state), 'base64url')
  }
}

/** The length of what is sealed, in bytes. */
export function plainBytes (flow: SealedFlow): number {
  return Buffer.byteLength(serialize(flow))
}

/** Bits of the third field, which is left out where none is set. */
const flags = { hasVerifier: 1, isWindow: 2 }

/** `startedAt` is the time of sealing, which stands in the value itself. */
function serialize ({ appUserHash, target, hasVerifier, isWindow }: SealedFlow): string {
  const set = (hasVerifier ? flags.hasVerifier : 0) + (isWindow ? flags.isWindow : 0)
  return JSON.stringify(set === 0 ? [appUserHash, target] : [appUserHash, target, set])
}

function parseFlow (plain: string, startedAt: number): SealedFlow | null {
  const value: unknown = JSON.parse(plain)
  if (!Array.isArray(value)) return null
  const [appUserHash, target, set = 0]: unknown[] = value
  if (!isTextOrNull(appUserHash) || !isTextOrNull(target) || typeof set !== 'number') return null
  const [hasVerifier, isWindow] = [flags.hasVerifier, flags.isWindow].map((flag) => (set & flag) !== 0)
  return { startedAt, appUserHash, target, hasVerifier: hasVerifier === true, isWindow: isWindow === true }
}

function isTextOrNull (value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

/**
 * A flow's code verifier: 256 bits that follow from the cookie secret and the state, so that no cookie needs to hold
 * them.
 *
 * @see RFC 7636, section 4.1
 */
function codeVerifierOf (secret: string, state: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `miro-oauth code verifier ${state}`, 32)).toString('base64url')
}
