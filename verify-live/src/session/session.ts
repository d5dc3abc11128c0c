import type { Config } from '../config.js'
import { Unanswered } from '../unanswered.js'
import type { Miro } from '../wire/miro.js'
import type { Reply } from '../wire/reply.js'
import type { Secrets } from '../wire/secrets.js'
import { isAccepted, refusalText } from '../wire/shape.js'
import type { CallbackServer } from './callback-server.js'
import { type Pair, readPair } from './pair.js'
import type { Person } from './person.js'
import { createProof, type Proof } from './pkce.js'
import { type SessionParts, type Visit, visitAuthorizePage, type VisitOptions } from './visit.js'

const connectText = 'Choose your team, and press “Install & authorize” (or “Add”). Please take the same team each time.'

/** The grant that the questions are asked with. */
export class Session implements SessionParts {
  readonly config: Config
  readonly secrets: Secrets
  readonly miro: Miro
  readonly person: Person
  readonly callbacks: CallbackServer
  readonly wait: (ms: number) => Promise<unknown>
  /** Whether the authorize page takes no request without a `code_challenge`. */
  requiresPkce = false
  #worksWithoutPkce = false
  #pair: Pair | null = null
  /** Access tokens that Miro may still accept. */
  readonly #open = new Set<string>()

  constructor (parts: SessionParts) {
    this.config = parts.config
    this.secrets = parts.secrets
    this.miro = parts.miro
    this.person = parts.person
    this.callbacks = parts.callbacks
    this.wait = parts.wait
  }

  /** A pair whose access token works. The person connects if there is none. */
  async pair (): Promise<Pair> {
    const isLive = this.#pair !== null && isAccepted(await this.miro.tokenContext(this.#pair.accessToken))
    return this.#pair !== null && isLive ? this.#pair : (await this.connect()).pair
  }

  /**
   * The same with a refresh token.
   *
   * @throws {Unanswered} the app's tokens do not expire
   */
  async refreshablePair (): Promise<Pair & { refreshToken: string }> {
    const pair = await this.pair()
    return { ...pair, refreshToken: requireRefreshToken(pair) }
  }

  /**
   * Refreshes a pair, and keeps the new one.
   *
   * @throws {Unanswered} Miro refuses
   */
  async rotate (pair: Pair): Promise<Pair & { refreshToken: string }> {
    const reply = await this.miro.refresh(requireRefreshToken(pair))
    const next = this.keep(readPair(reply, pair))
    if (next === null) throw new Unanswered(`a refresh ended in ${refusalText(reply)}`)
    this.#open.delete(pair.accessToken)
    return { ...next, refreshToken: requireRefreshToken(next) }
  }

  /** Later questions are asked with this pair. */
  keep (pair: Pair | null): Pair | null {
    if (pair === null) return null
    this.#pair = pair
    this.#open.add(pair.accessToken)
    return pair
  }

  /**
   * Has the person connect.
   *
   * @throws {Unanswered} no callback with a code, or a refused exchange
   */
  async connect (text = connectText): Promise<{ pair: Pair, reply: Reply, callback: URLSearchParams }> {
    const { visit, proof } = await this.#visitWithOrWithoutPkce(text)
    const code = visit.kind === 'callback' ? visit.parameters.get('code') : null
    if (visit.kind === 'refused' || code === null) throw new Unanswered('the person was not sent back with a code')
    const reply = await this.miro.exchange(code, proof === null ? {} : { code_verifier: proof.verifier })
    const pair = this.keep(readPair(reply, { code }))
    if (pair === null) throw new Unanswered(`the exchange of the code ended in ${refusalText(reply)}`)
    return { pair, reply, callback: visit.parameters }
  }

  /** Has the person open the authorize page, with PKCE if Miro requires it, and waits for what comes back. */
  visit (options: VisitOptions): Promise<Visit> {
    return visitAuthorizePage(this, { proof: this.#proof(), ...options })
  }

  /** Revokes what Miro may still accept of the tokens of this run. */
  async revokeAll (): Promise<void> {
    for (const accessToken of this.#open) {
      await this.miro.revoke(accessToken).catch((error: unknown) => {
        if (!(error instanceof Unanswered)) throw error
      })
    }
    this.#open.clear()
  }

  #proof (): Proof | null {
    return this.requiresPkce ? createProof() : null
  }

  async #visitWithOrWithoutPkce (text: string): Promise<{ visit: Visit, proof: Proof | null }> {
    const proof = this.#proof()
    const visit = await this.visit({ text, proof })
    this.#worksWithoutPkce ||= visit.kind === 'callback' && proof === null
    if (visit.kind === 'callback' || this.#worksWithoutPkce || this.requiresPkce) return { visit, proof }
    this.person.tell('Perhaps Miro requires PKCE. Once more, with it:')
    const second = createProof()
    const again = await this.visit({ text, proof: second })
    this.requiresPkce = again.kind === 'callback'
    return { visit: again, proof: second }
  }
}

function requireRefreshToken ({ refreshToken }: Pair): string {
  if (refreshToken === null) throw new Unanswered('the tokens of this app do not expire')
  return refreshToken
}
