import type { CallDeadlines } from '../call-deadlines.js'
import { NotConnectedError, ReauthorizeError, StoreError } from '../errors.js'
import type { GrantRef } from '../grant/grant.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { toTombstone } from '../grant/record-states.js'
import { tokenState } from '../grant/token-pair.js'
import type { TokenSource } from '../rest/token-source.js'
import { untilAborted } from '../wire/until-aborted.js'
import { Caller } from './caller.js'
import type { UsablePair } from './decide.js'
import type { RefreshContext } from './refresh-context.js'
import type { Refresher } from './refresher.js'
import type { SingleFlight } from './single-flight.js'

/** Under which conditions access tokens of a grant are given. */
interface TokenConditions {
  /** Only while this is the grant's consent id. */
  consentId?: string | undefined
  /** The record as the request has just read it; used once, then read anew. */
  stored?: StoredGrant | undefined
}

/** What {@link AccessTokens} works with. */
export interface AccessTokenParts {
  context: RefreshContext
  refresher: Refresher
  /** The deadlines of callers. */
  deadlines: CallDeadlines
  /** Questions to Miro's token context that are under way, shared by callers. */
  confirming: SingleFlight<void>
}

/** The access tokens of one grant. Each call reads the record, so that a disconnect counts at once. */
export class AccessTokens implements TokenSource {
  readonly #parts: AccessTokenParts
  readonly #ref: GrantRef
  readonly #consentId: string | undefined
  #unused: StoredGrant | undefined

  constructor (parts: AccessTokenParts, ref: GrantRef, { consentId, stored }: TokenConditions = {}) {
    this.#parts = parts
    this.#ref = ref
    this.#consentId = consentId
    this.#unused = stored
  }

  async ref (): Promise<GrantRef> {
    return this.#ref
  }

  async accessToken (signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted()
    return this.#tokenAtHand() ?? this.#withinDeadline((caller) => this.#usableToken(caller), signal)
  }

  async replacementFor (accessToken: string, signal?: AbortSignal): Promise<string | null> {
    this.#parts.context.events.emitFor(this.#ref, { type: 'token_refused' })
    return this.#withinDeadline((caller) => this.#otherToken(accessToken, caller), signal)
  }

  /** The token of a grant that was read for this very call, if there is nothing to wait for. */
  #tokenAtHand (): string | null {
    const usable = this.#unused === undefined ? null : this.#parts.refresher.atHand(this.#ref, this.#unused)
    if (usable === null) return null
    this.#unused = undefined
    return this.#tokenOf(usable)
  }

  /** The caller's one deadline: where it passes, whatever the work waits for goes on without this caller. */
  async #withinDeadline<T> (work: (caller: Caller) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const caller = new Caller()
    try {
      return await this.#parts.deadlines.limit(() => {
        return signal === undefined ? work(caller) : untilAborted(work(caller), signal)
      })
    } finally {
      caller.leave()
    }
  }

  async #usableToken (caller: Caller): Promise<string> {
    const { refresher } = this.#parts
    try {
      const stored = await this.#read()
      const usable = refresher.atHand(this.#ref, stored) ?? await refresher.usable(this.#ref, stored, caller)
      return this.#tokenOf(usable)
    } catch (error) {
      return this.#unsavedToken(error)
    }
  }

  async #otherToken (refused: string, caller: Caller): Promise<string | null> {
    try {
      const stored = await this.#read()
      if (isUnrefreshable(stored, refused, this.#parts.context.clock.now())) {
        await this.#confirmRefusal(stored)
        return null
      }
      const usable = await this.#parts.refresher.replace(this.#ref, stored, refused, caller)
      return usable === null ? null : this.#tokenOf(usable)
    } catch (error) {
      const unsaved = this.#unsavedToken(error)
      if (unsaved === refused) throw error
      return unsaved
    }
  }

  async #read (): Promise<StoredGrant> {
    const stored = this.#unused ?? await this.#parts.context.table.read(this.#ref)
    this.#unused = undefined
    return stored
  }

  /** While a caller waits, its person may disconnect and another person connect: the pair's own consent id decides. */
  #tokenOf (usable: UsablePair): string {
    if (this.#consentId !== undefined && usable.consentId !== this.#consentId) throw new NotConnectedError()
    return usable.pair.accessToken
  }

  /** While the store is down, a pair that it has not taken yet is the only live one. */
  #unsavedToken (error: unknown): string {
    const { unsaved, clock } = this.#parts.context
    const usable = error instanceof StoreError ? unsaved.find(this.#ref, clock.now()) : null
    if (usable === null) throw error
    return this.#tokenOf(usable)
  }

  /** The grant ends only if Miro's token context refuses the token too. Callers at the same time share the question. */
  async #confirmRefusal (stored: StoredGrant): Promise<void> {
    const { result, leave } = this.#parts.confirming.join(stored.version ?? '', () => this.#endIfRefused(stored))
    await result.finally(leave)
  }

  async #endIfRefused (stored: StoredGrant): Promise<void> {
    const { table, endpoint, events } = this.#parts.context
    const { record } = stored
    if (record?.status !== 'active') return
    const raw = await endpoint.tokenContext(record.pair.accessToken)
    if (raw.kind !== 'answer' || (raw.status !== 400 && raw.status !== 401)) return
    const written = await table.replace(this.#ref, stored, toTombstone(record, 'revoked'))
    if (!written.ok) return
    events.emitFor(this.#ref, { type: 'rejected', reason: 'revoked' })
    throw new ReauthorizeError('revoked')
  }
}

/** Whether the refused token should be valid, and no refresh token could replace it. */
function isUnrefreshable ({ record }: StoredGrant, refused: string, now: number): boolean {
  return record?.status === 'active' && record.pair.refreshToken === null && record.pair.accessToken === refused &&
    tokenState(record.pair, now) !== 'expired'
}
