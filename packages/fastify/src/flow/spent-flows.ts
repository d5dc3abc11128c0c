import { RecordError, type Clock, type Entry, type GrantRef, type Store } from '@miro-oauth/core'
import { startStopwatch } from '@miro-oauth/core/internal'
import { flowKey, keepFlowMs } from './flow.js'
import { isRef } from './stored-ref.js'

/**
 * What became of a flow: `signed-in` with a session, `linked` to the app user who began it or to the person of a panel,
 * or `failed` with an error's code.
 */
export type FlowOutcome =
  | { kind: 'signed-in', sessionKey: string }
  | { kind: 'linked', ref: GrantRef }
  | { kind: 'failed', code: string }

/** An outcome as it is stored, with the team that the first callback named. */
type StoredOutcome = FlowOutcome & { teamId: string | null }

/** What a callback gets for its flow. */
export type Redemption = FirstRedemption | RepeatedRedemption

/** The first callback may exchange its code. */
export interface FirstRedemption {
  kind: 'first'
  /** Stores the outcome for repeated callbacks. @throws {StoreError} */
  finish: (outcome: FlowOutcome) => Promise<void>
}

/** A repeated callback gets the outcome of the first. */
export interface RepeatedRedemption {
  kind: 'repeated'
  /** `null`: the first callback is still running. */
  outcome: FlowOutcome | null
  /** The team that the first callback named; `null`: none, or it is still running. */
  teamId: string | null
  /** Whether the first callback was still running when this one came. */
  waited: boolean
}

const pollMs = 100
const maxWaitMs = 5000

/**
 * Makes flows single use: the first callback of a flow writes a record, and only its writer may exchange the code. The
 * record is in the store, so that a flow is redeemed once across processes.
 *
 * @see RFC 6749, section 4.1.2: the client must not use an authorization code more than once
 */
export class SpentFlows {
  readonly #store: Store
  readonly #clock: Clock
  readonly #clientId: string

  constructor ({ store, clock, clientId }: { store: Store, clock: Clock, clientId: string }) {
    this.#store = store
    this.#clock = clock
    this.#clientId = clientId
  }

  /**
   * Redeems a flow. A repeated callback waits up to five seconds for the outcome of the first.
   *
   * @param teamId the team that the callback names
   * @throws {StoreError | RecordError}
   */
  async redeem (state: string, teamId: string | null): Promise<Redemption> {
    const key = flowKey(this.#clientId, state)
    const inserted = await this.#store.cas(key, null, this.#entry(null))
    if (!inserted.ok) return this.#waitForOutcome(key, inserted.current?.body)
    return {
      kind: 'first',
      finish: async (outcome) => {
        await this.#store.cas(key, inserted.version, this.#entry({ ...outcome, teamId }))
      }
    }
  }

  async #waitForOutcome (key: string, found: string | undefined): Promise<RepeatedRedemption> {
    const elapsedMs = startStopwatch(this.#clock)
    let body = found
    while (isPending(body) && elapsedMs() < maxWaitMs) {
      await this.#clock.wait(pollMs)
      body = (await this.#store.get(key))?.body
    }
    const outcome = parseOutcome(body)
    return { kind: 'repeated', outcome, teamId: outcome?.teamId ?? null, waited: isPending(found) }
  }

  #entry (outcome: StoredOutcome | null): Entry {
    return { body: JSON.stringify(outcome), expiresAt: this.#clock.now() + keepFlowMs }
  }
}

/** `null` as JSON: the first callback has not finished yet. */
function isPending (body: string | undefined): boolean {
  return body === 'null'
}

function parseOutcome (body: string | undefined): StoredOutcome | null {
  if (body === undefined || isPending(body)) return null
  try {
    const outcome: unknown = JSON.parse(body)
    if (isFlowOutcome(outcome)) return { ...outcome, teamId: teamIn(outcome) }
  } catch {
    // Not JSON: the same failure as JSON of another shape.
  }
  throw new RecordError()
}

function teamIn (outcome: FlowOutcome & { teamId?: unknown }): string | null {
  return typeof outcome.teamId === 'string' ? outcome.teamId : null
}

function isFlowOutcome (value: unknown): value is FlowOutcome {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  if (value.kind === 'signed-in') return 'sessionKey' in value && typeof value.sessionKey === 'string'
  if (value.kind === 'linked') return 'ref' in value && isRef(value.ref)
  return value.kind === 'failed' && 'code' in value && typeof value.code === 'string'
}
